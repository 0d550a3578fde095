#!/bin/sh
# Bring what the Python package index does not have. Does nothing where it is there already;
# installs Debian's packages as root, all in one go; says what to do where that does not help.
#
#     tools/need.sh venv PYTHON FOLDER
#     tools/need.sh packages NAME...      # of chromium firefox webkit reader postgresql npm ...
#     tools/need.sh all PYTHON NAME...    # the same, then other ways for what is still missing
set -eu

say() {
    printf '%s\n' "$@" >&2
}

has() {
    command -v "$1" >/dev/null 2>&1
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

# Install Debian packages; silent unless it fails. The lists come first: those of a fresh machine
# are empty, and old ones name files that are gone or too old for what drives them.
debian() {
    [ "$(id -u)" = 0 ] && has apt-get || return 1
    say "installing from Debian: $* ..."
    output=$(apt update 2>&1; apt install --no-install-recommends "$@" 2>&1) && return 0
    say "$output"
    return 1
}

need_venv() {
    python=$1 folder=$2
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        say "Python 3.11 or newer is needed; name it with: make PYTHON=python3.11"
        return 1
    fi
    "$folder/bin/python" -m pip --version >/dev/null 2>&1 && return 0
    package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    if ! "$python" -c 'import ensurepip' 2>/dev/null && ! debian "$package"; then
        say "Python's venv is missing; on Debian and Ubuntu: sudo apt install $package"
        return 1
    fi
    "$python" -m venv --clear "$folder"
}

need_packages() {
    packages=$(for what; do "missing_$what"; done)
    # Their names are words.
    [ -z "$packages" ] || debian $packages || true
}

need_all() {
    python=$1
    shift
    need_packages "$@"
    for what; do
        [ -z "$("missing_$what")" ] || "otherwise_$what" "$python"
    done
}

# What is missing, as the names of Debian's packages; and what else can be done about it. The
# programs are those that the tests look for.

# The one without windows is twice as fast; only the other keeps pages for going back.
missing_chromium() {
    has chromium || has google-chrome || echo chromium chromium-headless-shell
}

otherwise_chromium() {
    output=$("$1" -m playwright install chromium 2>&1) && return 0
    say "$output" "*** NO CHROMIUM: the browser tests in it are left out." \
        "*** On Debian: sudo apt install chromium; elsewhere put chromium or google-chrome on the PATH."
}

missing_firefox() {
    has firefox-esr || has firefox || echo firefox-esr
}

otherwise_firefox() {
    say "*** NO FIREFOX: the browser tests in it are left out." \
        "*** On Debian: sudo apt install firefox-esr; elsewhere put firefox-esr or firefox on the PATH."
}

# A window needs a screen, and a machine without one gets one that nobody sees.
missing_webkit() {
    has WebKitWebDriver || echo webkit2gtk-driver
    has Xvfb || echo xvfb
}

otherwise_webkit() {
    say "*** NO WEBKIT: the browser tests in WebKitGTK are left out." \
        "*** On Debian: sudo apt install webkit2gtk-driver xvfb."
}

# A screen reader, what presses keys for it, and the little of a desktop that both need.
missing_reader() {
    has orca || echo orca
    has xdotool || echo xdotool
    has openbox || echo openbox
    has dbus-run-session || echo dbus-daemon
    has gsettings || echo libglib2.0-bin
    [ -x /usr/libexec/at-spi-bus-launcher ] || echo at-spi2-core
    has Xvfb || echo xvfb
}

otherwise_reader() {
    say "*** NO ORCA: nobody heard how a screen reader tells the banner." \
        "*** On Debian: sudo apt install orca xdotool openbox at-spi2-core dbus-daemon xvfb."
}

missing_postgresql() {
    has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || echo postgresql
}

otherwise_postgresql() {
    say "*** NO POSTGRESQL: its tests are left out." \
        "*** On Debian: sudo apt install postgresql; elsewhere put initdb and pg_ctl on the PATH."
}

missing_strace() {
    has strace || echo strace
}

otherwise_strace() {
    say "*** NO STRACE: the log is not tested against faults of the system." \
        "*** On Debian: sudo apt install strace."
}

missing_npm() {
    has npm || echo npm
}

otherwise_npm() {
    say "*** NO NPM: what blocks cookie notices or answers them is not tested against, nor scripts of" \
        "*** providers, htmx, Turbo, or any browser of years ago." \
        "*** On Debian: sudo apt install npm; elsewhere put npm on the PATH."
}

# Go's checksum database proves exports with code that is not ours.
missing_go() {
    has go || echo golang-go
    [ -d /usr/share/gocode/src/golang.org/x/mod/sumdb ] || echo golang-golang-x-mod-dev
}

otherwise_go() {
    say "*** NO GO: exports are not checked with the code of Go's checksum database." \
        "*** On Debian: sudo apt install golang-go golang-golang-x-mod-dev."
}

what=$1
shift
"need_$what" "$@"
