"""The ready-made services are recognised in what editors paste."""

from __future__ import annotations

import pytest

from consent.gate.hosts import Hosts
from consent.policy import shelf
from tests.each import each

HOSTS = Hosts({id: label.hosts for id, label in shelf.labels().items()})
ALONE = {id: Hosts({id: label.hosts}) for id, label in shelf.labels().items()}

#: Addresses in embeds as the providers hand them out, by service.
PASTED = {
    "altruja": ["https://www.altruja.de/i/abcd", "https://em.altruja.de/projekt/spende"],
    "apple-podcasts": ["https://embed.podcasts.apple.com/de/podcast/x/id1"],
    "ard-mediathek": ["https://www.ardmediathek.de/embed/Y3JpZDovL2Rhc2Vyc3RlLmRl"],
    "arte": ["https://www.arte.tv/embeds/de/096296-000-A"],
    "betterplace": [
        "https://www.betterplace-widget.org/projects/25999?l=de",
        "https://www.betterplace.org/de/projects/1/donations/iframe_donation_widget",
    ],
    "bing-maps": ["https://www.bing.com/maps/embed?h=400&w=500&cp=50.1~8.6"],
    "bluesky": ["https://embed.bsky.app/static/embed.js"],
    "calendly": ["https://assets.calendly.com/assets/external/widget.js"],
    "campai": ["https://app.campai.com/pt/9a0cd/rooms/room/1"],
    "cleverreach": ["https://seu2.cleverreach.com/f/1-2/wcs/"],
    "curator": ["https://cdn.curator.io/published/25965c47.js"],
    "dailymotion": ["https://www.dailymotion.com/embed/video/x7", "https://geo.dailymotion.com/p"],
    "datawrapper": ["https://datawrapper.dwcdn.net/AbCdE/1/"],
    "doctolib": ["https://www.doctolib.de/iframe/button.html"],
    "etracker": ["//code.etracker.com/code/e.js"],
    "drk-blutspende": ["https://www.drk-blutspende.de/blutspendetermine/termine?term=1"],
    "eye-able": ["https://cdn.eye-able.com/public/js/eyeAble.js"],
    "facebook": [
        "https://www.facebook.com/plugins/page.php?href=x",
        "https://connect.facebook.net/de_DE/sdk.js#xfbml=1",
    ],
    "friendly-captcha": ["https://eu.frcapi.com/api/v2/captcha/agent"],
    "fundraisingbox": ["https://secure.fundraisingbox.com/app/paymentJS?hash=x"],
    "fupa": ["https://widget-api.fupa.net/vendor/widget.js?v1"],
    "fussball-de": ["https://www.fussball.de/widgets.js", "https://next.fussball.de/widget/club/1"],
    "google-ads": ["https://www.googleadservices.com/pagead/conversion.js"],
    "google-analytics": ["https://www.googletagmanager.com/gtag/js?id=G-1"],
    "google-calendar": ["https://calendar.google.com/calendar/embed?src=x"],
    "google-docs": ["https://docs.google.com/spreadsheets/d/e/x/pubhtml?widget=true"],
    "google-fonts": ["https://fonts.googleapis.com/css2?family=Roboto"],
    "google-forms": ["https://docs.google.com/forms/d/e/x/viewform?embedded=true"],
    "google-maps": ["https://www.google.com/maps/embed?pb=1", "//maps.googleapis.com/maps/api/js"],
    "google-tag-manager": ["https://www.googletagmanager.com/gtm.js?id=GTM-1"],
    "google-translate": ["//translate.google.com/translate_a/element.js?cb=x"],
    "gtranslate": ["https://cdn.gtranslate.net/widgets/latest/float.js"],
    "instagram": ["//www.instagram.com/embed.js", "https://www.instagram.com/p/x/embed"],
    "issuu": ["https://e.issuu.com/embed.html?d=x&u=y"],
    "juicer": ["https://www.juicer.io/embed/verein/embed-code.js"],
    "komoot": ["https://www.komoot.com/de-de/tour/1/embed?profile=1"],
    "lamapoll": ["https://survey.lamapoll.de/Umfrage"],
    "linkedin": ["https://www.linkedin.com/embed/feed/update/urn:li:share:1"],
    "linkedin-insight": ["https://snap.licdn.com/li.lms-analytics/insight.min.js"],
    "mailchimp": ["https://x.us1.list-manage.com/subscribe/post"],
    "mastodon": ["https://mastodon.social/@verein/1/embed", "https://mastodon.social/embed.js"],
    "matomo-cloud": ["https://cdn.matomo.cloud/verein.matomo.cloud/matomo.js"],
    "meta-pixel": [
        "https://connect.facebook.net/en_US/fbevents.js",
        "https://www.facebook.com/tr?id=1&ev=PageView&noscript=1",
    ],
    "microsoft-advertising": ["//bat.bing.com/bat.js"],
    "microsoft-clarity": ["https://www.clarity.ms/tag/x"],
    "microsoft-forms": ["https://forms.office.com/Pages/ResponsePage.aspx?id=x&embed=true"],
    "microsoft-teams": ["https://teams.microsoft.com/embed-client/chats/list?layout=singlePane"],
    "openstreetmap": ["https://www.openstreetmap.org/export/embed.html?bbox=1"],
    "outdooractive": ["//www.outdooractive.com/alpportal/oa_head.js?proj=x"],
    "paypal": ["https://www.paypalobjects.com/de_DE/DE/i/btn/btn_donateCC_LG.gif"],
    "pinterest": ["//assets.pinterest.com/js/pinit.js"],
    "pinterest-tag": ["https://s.pinimg.com/ct/core.js"],
    "piwik-pro": ["https://verein.containers.piwik.pro/1.js", "https://verein.piwik.pro/ppms.js"],
    "podcaster": ["https://verein.podcaster.de/verein/media/1-folge.mp3"],
    "podigee": [
        "https://player.podigee-cdn.net/podcast-player/javascripts/podigee-podcast-player.js",
        "https://verein.podigee.io/1-folge/embed?context=external",
    ],
    "pretix": ["https://pretix.eu/widget/v1.de.js"],
    "provenexpert": ["https://www.provenexpert.com/widget/bar_x.js"],
    "raisenow": ["https://tamaro.raisenow.com/verein-1/latest/widget.js"],
    "rapidmail": ["https://tf53be01c.emailsys1a.net/139/1/a/subscribe/form.html"],
    "readspeaker": ["//cdn-eu.readspeaker.com/script/1/webReader/webReader.js?pids=wr"],
    "recaptcha": ["https://www.google.com/recaptcha/api.js", "https://www.recaptcha.net/x.js"],
    "slideshare": ["https://www.slideshare.net/slideshow/embed_code/key/x"],
    "soundcloud": ["https://w.soundcloud.com/player/?url=x"],
    "spotify": ["https://open.spotify.com/embed/episode/x"],
    "strava": ["https://strava-embeds.com/embed.js"],
    "stripe": ["https://js.stripe.com/v3/"],
    "threads": ["https://www.threads.net/embed.js"],
    "tiktok": ["https://www.tiktok.com/embed.js", "https://www.tiktok.com/player/v1/1"],
    "timify": ["https://widget.timify.com/js/widget.js"],
    "turnstile": ["https://challenges.cloudflare.com/turnstile/v0/api.js"],
    "twingle": ["https://spenden.twingle.de/verein/projekt/tw1/widget"],
    "twitch": ["https://player.twitch.tv/?channel=x&parent=verein.example"],
    "typeform": ["//embed.typeform.com/next/embed.js", "https://verein.typeform.com/to/x"],
    "umap": ["https://umap.openstreetmap.de/de/map/x_1?scaleControl=false"],
    "userlike": ["https://userlike-cdn-widgets.s3-eu-west-1.amazonaws.com/x.js"],
    "vg-wort": ["https://vg01.met.vgwort.de/na/abc"],
    "vimeo": ["https://player.vimeo.com/video/1?dnt=1"],
    "walls-io": ["https://walls.io/js/wallsio-widget-1.2.js"],
    "wetteronline": ["https://api.wetteronline.de/wetterwidget?gid=10788"],
    "x": ["https://platform.twitter.com/widgets.js"],
    "youtube": ["https://www.youtube-nocookie.com/embed/x", "https://youtu.be/x"],
    "yumpu": ["https://www.yumpu.com/de/embed/view/x"],
    "zdf": ["https://ngp.zdf.de/miniplayer/embed/?mediaID=x"],
    "zoom": ["https://zoom.us/wc/85412345678/join?prefer=0&pwd=x"],
}


every_address = each(
    "address, id",
    [(address, id) for id, addresses in PASTED.items() for address in addresses],
)


@every_address
def test_what_editors_paste_is_recognised(address, id):
    """
    The address in a provider's embed leads to its service and to no other of the company
    (GA-03).
    """
    assert HOSTS.service(address) == id


@every_address
def test_a_grant_for_one_service_opens_no_other(address, id):
    """
    On a site that declares only one service of a company, allowing its posts does not let the
    company's measuring through (GA-16).
    """
    assert [other for other, hosts in ALONE.items() if hosts.service(address)] == [id]


@each("id", [id for id, label in shelf.labels().items() if label.hosts])
def test_a_service_is_recognised_by_each_of_its_hosts(id):
    """
    No host of a service is claimed by another, in whole or in part.
    """
    addresses = ["https://" + host.replace("*", "www") for host in shelf.labels()[id].hosts]

    assert {other for a in addresses for other, hosts in ALONE.items() if hosts.service(a)} == {id}


@pytest.mark.parametrize(
    "address",
    [
        "https://www.google.com/search?q=verein",
        "https://www.facebook.com/verein",
        "https://www.linkedin.com/company/verein",
        "https://www.tiktok.com/@verein",
        "https://www.bing.com/search?q=verein",
        "https://storage.googleapis.com/x.js",
        "https://x.cloudfront.net/x.js",
        "https://s3.amazonaws.com/x.js",
        "https://verein.example/matomo.js",
    ],
)
def test_what_is_no_service_is_left_alone(address):
    """
    A page of the same company, or another customer of the same cloud, is not mistaken for one.
    """
    assert HOSTS.service(address) is None
