#!/bin/sh
# Bring what the Python package index does not have. Does nothing where it is there already;
# installs Debian's package as root; says what to do where neither helps.
#
#     tools/need.sh venv PYTHON FOLDER
#     tools/need.sh chromium PYTHON
#     tools/need.sh firefox PYTHON
#     tools/need.sh webkit PYTHON
#     tools/need.sh postgresql PYTHON
#     tools/need.sh blockers PYTHON
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

# Install Debian packages; silent unless it fails. The lists of a fresh machine are empty
# and those of an old one name files that are gone, so the second try renews them.
debian() {
    [ "$(id -u)" = 0 ] && has apt-get || return 1
    say "installing from Debian: $* ..."
    output=$(apt install --no-install-recommends "$@" 2>&1) && return 0
    output=$(apt update 2>&1 && apt install --no-install-recommends "$@" 2>&1) && return 0
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

# The names are those that tests/browser looks for.
need_chromium() {
    has chromium || has google-chrome || debian chromium || playwright "$1" && return 0
    say "*** NO CHROMIUM: the browser tests in it are left out." \
        "*** On Debian: sudo apt install chromium; elsewhere put chromium or google-chrome on the PATH."
}

playwright() {
    output=$("$1" -m playwright install chromium 2>&1) && return 0
    say "$output"
    return 1
}

need_firefox() {
    has firefox-esr || has firefox || debian firefox-esr && return 0
    say "*** NO FIREFOX: the browser tests in it are left out." \
        "*** On Debian: sudo apt install firefox-esr; elsewhere put firefox-esr or firefox on the PATH."
}

# A window needs a screen, and a machine without one gets one that nobody sees.
need_webkit() {
    has WebKitWebDriver && has Xvfb || debian webkit2gtk-driver xvfb && return 0
    say "*** NO WEBKIT: the browser tests in WebKitGTK are left out." \
        "*** On Debian: sudo apt install webkit2gtk-driver xvfb."
}

need_postgresql() {
    has initdb || ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || debian postgresql && return 0
    say "*** NO POSTGRESQL: its tests are left out." \
        "*** On Debian: sudo apt install postgresql; elsewhere put initdb and pg_ctl on the PATH."
}

need_blockers() {
    "$1" tools/blockers.py --missing || return 0
    { has npm || debian npm; } && "$1" tools/blockers.py && return 0
    say "*** NO FILTER LISTS: what blocks cookie notices or answers them is not tested against." \
        "*** On Debian: sudo apt install npm; elsewhere put npm on the PATH."
}

what=$1
shift
"need_$what" "$@"
