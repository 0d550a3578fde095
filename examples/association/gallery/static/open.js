// Show the settings as somebody sees them who has just followed the link.
document.querySelector("footer [data-consent-open]").click();
