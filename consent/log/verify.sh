#!/bin/sh
# Check an export of a consent log without Python: with openssl (3 or newer), sha256sum, xxd, unzip.
#
#     sh verify.sh [--leaves N | --all] [--no-root] [--tsa FILE] BUNDLE [VKEY ...]
#     sh verify.sh --proof FILE --record FILE VKEY
#
# BUNDLE is the zip or the folder it was unpacked to. It checks the signatures of manifest and
# checkpoints, the SHA-256 of every file, that there is no file more or less, that the leaves give
# the signed root, and for N leaves by chance (100; --all: every one, about 200 in a second) that
# their events are those that were sealed. Each leaf becomes a small file while the root is worked
# out: a million takes the better part of an hour, in a TMPDIR in memory much less; --no-root leaves
# that out. --tsa names the certificates of a time stamping authority (PEM), against which the
# time stamps are checked. A proof (c2sp.org/tlog-proof@v1) is checked together
# with its record, a file with the exact bytes of the event.
#
# VKEY is a key that you noted or that the site publishes. Without one those of the bundle count,
# and the check shows only that the bundle fits itself. It ends with 0 if all of this holds.
# What it does not look at: what the events say, what was erased and why, earlier checkpoints.
# verify.py does. The formats are in FORMAT.md, RFC 6962 and C2SP signed-note.
set -eu
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# What is told may be out of the export. A terminal shows it and does not obey it.
plain() {
    tr -c ' -~\n' '?'
}

wrong() {
    printf 'WRONG  %s\n' "$*" | plain >&2
    exit 1
}

unreadable() {
    printf 'verify.sh: %s\n' "$*" | plain >&2
    exit 2
}

good() {
    printf 'good   %s\n' "$*" | plain
}

open() {
    printf 'open   %s\n' "$*" | plain
}

unhex() {
    xxd -r -p
}

hex() {
    xxd -p | tr -d '\n'
}

sha256() {
    sha256sum | cut -c1-64
}

# 32 bytes in base64, and nothing else: what openssl cannot decode is nothing to it.
bytes32='[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]='

# without_nul FILE NAME: what one program reads past a NUL, another leaves out.
without_nul() {
    [ "$(tr -d '\000' <"$1" | wc -c)" = "$(wc -c <"$1")" ] || wrong "$2: has a NUL, which belongs in no text"
}

# The hexadecimal bytes of a base64 text.
decoded() {
    printf '%s' "$1" | openssl base64 -d -A 2>/dev/null | hex
}

# The origin of a checkpoint is its first line, the name of its key.
text_of() {
    sed '/^$/q' "$1" | sed '$d'
}

# signed NOTE NAME: whether one of the keys in $work/keys signed NOTE under NAME. One signature of
# these that does not fit is enough to refuse it.
signed() {
    fits=1
    text_of "$1" >"$work/text"
    while IFS= read -r public; do
        raw=$(decoded "$public")
        [ "${#raw}" = 66 ] && [ "${raw%"${raw#??}"}" = 01 ] || continue
        raw=${raw#??}
        id=$(printf '%s\n' "$2" | hex)
        id=$(printf '%s01%s' "$id" "$raw" | unhex | sha256 | cut -c1-8)
        printf '302a300506032b6570032100%s' "$raw" | unhex >"$work/key"
        while IFS= read -r line; do
            signature=$(decoded "${line##* }")
            [ "$line" = "— $2 ${line##* }" ] && [ "${signature%"${signature#????????}"}" = "$id" ] || continue
            printf '%s' "${signature#????????}" | unhex >"$work/signature"
            openssl pkeyutl -verify -pubin -keyform DER -inkey "$work/key" -rawin \
                -in "$work/text" -sigfile "$work/signature" >/dev/null 2>&1 ||
                wrong "${1##*/}: the signature of $2 does not fit: forged or altered"
            fits=0
        done <<LINES
$(sed '1,/^$/d' "$1")
LINES
    done <"$work/keys"
    return "$fits"
}

# The same key signs under several names of a site: those that are trusted for the site of $1.
keys_of() {
    while IFS= read -r vkey; do
        [ "${1%%/consent/*}" != "${vkey%%/consent/*}" ] || printf '%s\n' "${vkey#*+*+}"
    done <"$work/trusted" >"$work/keys"
}

require_signed() {
    [ -f "$1" ] || wrong "$3 is missing"
    without_nul "$1" "$3"
    ! sed '1,/^$/d' "$1" | grep -Evq '^— [^ +]+ [A-Za-z0-9+/]+=*$' ||
        wrong "$3: is no signed note: text, empty line, signatures"
    keys_of "$2"
    signed "$1" "$2" || wrong "$3: not signed by a trusted key of $2; where the key was changed, give each"
    good "$3: signed by $2"
}

# size_of CHECKPOINT NAME: set size to how many leaves it tells of. What somebody signed may be
# anything, and where a shell calculates it carries out what stands there.
size_of() {
    text_of "$1" | sed 1,2d | tr '\n' ' ' | grep -Eqx "$bytes32 " ||
        wrong "$2: is no checkpoint: origin, size, root, and no further line"
    size=$(sed -n 2p "$1")
    case $size in 0* | *[!0-9]* | '' | ???????????????????*) wrong "$2: the size is no number: $size" ;; esac
}

# leaf SALT EVENT: the leaf hash of a file with the bytes of an event; hexadecimal salt and hash.
leaf() {
    openssl dgst -sha256 -mac HMAC -macopt "hexkey:$1" -binary "$2" | openssl base64 -A >"$work/commitment"
    printf '\000consent-leaf/1\n%s\n' "$(cat "$work/commitment")" | sha256
}

# node LEFT RIGHT
node() {
    printf '01%s%s' "$1" "$2" | unhex | sha256
}

# parents: from the hashes of one level, one a line, those of the next. Sixteen thousand at once:
# each pair becomes a file of 65 bytes, and all of them are hashed by one program.
parents() {
    rm -rf "$work/level"
    mkdir "$work/level"
    paste -d '\0' - - | split -l 16384 -a 4 - "$work/level/pairs."
    for pairs in "$work/level/pairs."*; do
        grep -E '^.{128}$' "$pairs" >"$work/full" || :
        if [ -s "$work/full" ]; then
            mkdir "$work/level/nodes"
            sed 's/^/01/' "$work/full" | unhex | split -b 65 -a 4 - "$work/level/nodes/n."
            (cd "$work/level/nodes" && sha256sum n.* | cut -c1-64)
            rm -rf "$work/level/nodes"
        fi
        grep -E '^.{64}$' "$pairs" || : # the last of an odd number goes up as it is
    done
}

# root FILE: the root over the hashes in FILE, hexadecimal, one a line.
root() {
    cp "$1" "$work/hashes"
    while [ "$(wc -l <"$work/hashes")" -gt 1 ]; do
        parents <"$work/hashes" >"$work/next"
        mv "$work/next" "$work/hashes"
    done
    cat "$work/hashes"
}

check_files() {
    # Nobody sees what is in a folder that cannot be opened, and find goes on.
    find "$bundle" >/dev/null 2>&1 || wrong "the bundle has a folder that cannot be opened"
    (cd "$bundle" && find . -type f ! -path ./manifest.note | sed 's|^\./||' | sort) >"$work/found"
    grep -Ev "$desktop" "$work/found" >"$work/there" || :
    grep -E "$desktop" "$work/found" | sed 's|.*|open   &: this computer put it there; it is no part of the export|' | plain
    awk '/^  "files": \{$/ { on = 1; next } on && /^  \}/ { on = 0 }
        on && /^    "/ { split($0, part, "\""); name = part[2] }
        on && /^      "sha256": / { split($0, part, "\""); print part[4] "  ./" name }' \
        "$work/manifest" >"$work/sums"
    # sha256sum passes over lines that are no sums.
    ! grep -Evq '^[0-9a-f]{64}  ' "$work/sums" || wrong "the manifest has a SHA-256 that is none"
    cut -c69- "$work/sums" | sort >"$work/listed"
    more=$(comm -3 "$work/there" "$work/listed" | head -1)
    [ -z "$more" ] || wrong "$more: only in the bundle or only in the manifest"
    [ -z "$(find "$bundle" ! -type f ! -type d)" ] || wrong "the bundle has links or devices"
    (cd "$bundle" && sha256sum -c "$work/sums" >"$work/summed" 2>/dev/null) ||
        wrong "not the file of the manifest (SHA-256): $(grep -v ': OK$' "$work/summed" | head -1)"
    good "all $(wc -l <"$work/sums" | tr -d ' ') files are those of the manifest"
}

# Whether what visitors were shown is what events name it by, its SHA-256.
check_shown() {
    swapped=$(awk '{ name = $2; if (sub(/^[.]\/(notices|files)\//, "", name)) {
        sub(/[.]json$/, "", name); if (name != $1) { print substr($2, 3); exit } } }' "$work/sums")
    [ -z "$swapped" ] || wrong "$swapped: not what its name says: the notice or file was swapped"
    good "what visitors were shown is what its names say"
}

# check_log FOLDER ORIGIN: checkpoint, root, and some events of one log.
check_log() {
    folder=$1 path=$bundle/$1
    for file in checkpoint.txt events.jsonl; do
        [ -f "$path/$file" ] || wrong "$folder/$file is missing"
    done
    origin=$(sed 1q "$path/checkpoint.txt")
    require_signed "$path/checkpoint.txt" "$origin" "$folder/checkpoint.txt"
    [ "$origin" = "$2" ] || wrong "$folder/checkpoint.txt: of $origin, where the manifest has $2"
    size_of "$path/checkpoint.txt" "$folder/checkpoint.txt"
    without_nul "$path/leaves.txt" "$folder/leaves.txt"
    ! grep -Evq "^($bytes32|erased|outside) $bytes32\$" "$path/leaves.txt" ||
        wrong "$folder/leaves.txt: has a line that tells of no leaf"
    [ "$(grep -c '' "$path/leaves.txt")" = "$size" ] || wrong "$folder/leaves.txt: not $size leaves, as was signed"
    if [ -n "$no_root" ]; then
        open "$folder: whether the leaves give the signed root"
        check_events
        return
    fi
    sed 's/^.* //' "$path/leaves.txt" | to_hex >"$work/leaves"
    [ "$(root "$work/leaves")" = "$(sed -n 3p "$path/checkpoint.txt" | to_hex)" ] ||
        wrong "$folder: the leaves do not give the signed root: altered, removed, added or reordered"
    good "$folder: $size leaves give the signed root"
    check_events
}

# Lines of 32 bytes in base64, to hexadecimal.
to_hex() {
    awk 'BEGIN { letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
            for (n = 0; n < 64; n++) value[substr(letters, n + 1, 1)] = n
            for (n = 0; n < 4096; n++) hex[n] = sprintf("%03x", n) }
        { out = ""
          for (n = 1; n < 44; n += 2) out = out hex[value[substr($0, n, 1)] * 64 + value[substr($0, n + 1, 1)]]
          print length($0) == 44 ? substr(out, 1, 64) : "not base64" }'
}

check_events() {
    grep -E "^$bytes32 " "$path/leaves.txt" >"$work/given" || :
    count=$(wc -l <"$work/given" | tr -d ' ')
    [ "$(grep -c '' "$path/events.jsonl")" = "$count" ] || wrong "$folder/events.jsonl: not $count events, one for each salt"
    if [ "$leaves" = all ]; then
        seq 1 "$count"
    else
        shuf -i "1-$((count ? count : 1))" -n "$leaves" | sort -n
    fi >"$work/chosen"
    rm -rf "$work/events"
    mkdir "$work/events"
    awk -v into="$work/events/" 'NR == FNR { chosen[$1]; next } FNR in chosen {
        file = into FNR; printf "%s", $0 >file; close(file) }' "$work/chosen" "$path/events.jsonl"
    awk 'NR == FNR { chosen[$1]; next } FNR in chosen { print FNR, $0 }' "$work/chosen" "$work/given" >"$work/salts"
    while read -r line salt hash; do
        [ "$(leaf "$(decoded "$salt")" "$work/events/$line")" = "$(decoded "$hash")" ] ||
            wrong "$folder/events.jsonl, line $line: not the event that was sealed"
    done <"$work/salts"
    # A number that is none, or a program that is missing, must not pass for a look at them.
    looked=$(wc -l <"$work/salts" | tr -d ' ') wanted=$count
    [ "$leaves" = all ] || [ "$leaves" -gt "$count" ] || wanted=$leaves
    [ "$looked" -eq "$wanted" ] || unreadable "$folder: $looked of $wanted events could be looked at"
    good "$folder: $looked of $count events are as they were sealed"
}

# Whether an authority signed the time stamps. That their checkpoints are the beginning of the log
# is for verify.py.
check_stamps() {
    for answer in "$path/stamps/"*.tsr; do
        [ -f "$answer" ] || return 0
        if [ -z "$tsa" ]; then
            open "$folder: who signed the time stamps; give the certificates with --tsa"
            return 0
        fi
        openssl ts -verify -data "${answer%tsr}txt" -in "$answer" -CAfile "$tsa" >/dev/null 2>&1 ||
            wrong "$folder/stamps/${answer##*/}: no time stamp of this authority over this checkpoint"
        good "$folder/stamps/${answer##*/}: $(openssl ts -reply -in "$answer" -text 2>/dev/null | sed -n 's/^Time stamp: //p')"
    done
}

check_proof() {
    without_nul "$proof" "$proof"
    without_nul "$record" "$record"
    text_of "$proof" >"$work/head"
    sed 1,3d "$work/head" >"$work/path"
    salt=$(sed -n '2s/^extra //p' "$work/head")
    index=$(sed -n '3s/^index //p' "$work/head")
    [ "$(sed 1q "$proof")" = c2sp.org/tlog-proof@v1 ] || wrong "$proof: no tlog-proof"
    ! printf '%s\n' "$salt" | cat - "$work/path" | grep -Exvq "$bytes32" ||
        wrong "$proof: salt or path are not 32 bytes in base64"
    sed '1,/^$/d' "$proof" >"$work/checkpoint"
    origin=$(sed 1q "$work/checkpoint")
    require_signed "$work/checkpoint" "$origin" checkpoint
    # To a shell a number that begins with 0 is another one than to whoever reads it.
    case $index in '' | *[!0-9]* | 0?*) wrong "$proof: '$index' is not the number of a leaf" ;; esac
    size_of "$work/checkpoint" checkpoint
    last=$((size - 1)) at=$index
    [ "$at" -le "$last" ] || wrong "index $at is not in the log"
    # The record may end in a line feed that is not part of it.
    printf '%s' "$(cat "$record")" >"$work/record"
    hash=$(leaf "$(decoded "$salt")" "$work/record")
    while IFS= read -r line; do
        [ "$last" -gt 0 ] || wrong "the path is too long"
        other=$(decoded "$line")
        if [ $((at & 1)) = 1 ] || [ "$at" = "$last" ]; then
            hash=$(node "$other" "$hash")
            while [ $((at & 1)) = 0 ] && [ "$at" -gt 0 ]; do at=$((at >> 1)) last=$((last >> 1)); done
        else
            hash=$(node "$hash" "$other")
        fi
        at=$((at >> 1)) last=$((last >> 1))
    done <"$work/path"
    [ "$last" = 0 ] && [ "$hash" = "$(sed -n 3p "$work/checkpoint" | to_hex)" ] ||
        wrong "the record is not leaf $index of $origin"
    good "the record is leaf $index of $origin"
}

leaves=100 no_root='' tsa='' proof='' record=''
: >"$work/words" # what is no option, wherever it stands
while [ $# -gt 0 ]; do
    case $1 in
    --leaves)
        case ${2-} in '' | *[!0-9]* | ??????????*) unreadable "--leaves takes a number, and '${2-}' is none" ;; esac
        leaves=$2 && shift 2
        ;;
    --all) leaves=all && shift ;;
    --no-root) no_root=1 && shift ;;
    --tsa | --proof | --record)
        [ -f "${2-}" ] && [ -r "$2" ] || unreadable "$1 takes a file, and '${2-}' is none that can be read"
        case $1 in --tsa) tsa=$2 ;; --proof) proof=$2 ;; *) record=$2 ;; esac
        shift 2
        ;;
    -*) unreadable "unknown option $1" ;;
    *) printf '%s\n' "$1" >>"$work/words" && shift ;;
    esac
done

# A pipeline tells nothing of a program in it that is missing, and what nobody listed is not there.
for tool in openssl sha256sum xxd awk comm cut find grep head paste sed sort split tr uniq wc; do
    command -v "$tool" >/dev/null 2>&1 || unreadable "$tool is missing"
done
# One that cannot do it calls every signature forged.
case $(openssl version) in
'OpenSSL '[3-9]* | 'OpenSSL '[1-9][0-9]*) ;;
*) unreadable "this is $(openssl version), and OpenSSL 3 or newer is needed" ;;
esac

if [ -n "$proof" ]; then
    [ -n "$record" ] && [ -s "$work/words" ] || unreadable "usage: --proof FILE --record FILE VKEY"
    cp "$work/words" "$work/trusted"
    check_proof
    exit 0
fi

[ -s "$work/words" ] || unreadable "usage: verify.sh [--leaves N | --all] [--no-root] [--tsa FILE] BUNDLE [VKEY ...]"
bundle=$(sed 1q "$work/words")
sed 1d "$work/words" >"$work/trusted"
if [ ! -d "$bundle" ]; then
    # -: and .. in names are refused by unzip; a name twice is not overwritten, so it fails.
    command -v unzip >/dev/null 2>&1 || unreadable "unzip is missing"
    if ! unzip -Z1 "$bundle" >"$work/names" 2>/dev/null; then
        # That of a small system unpacks without telling all names.
        ! unzip -l "$bundle" >/dev/null 2>&1 || unreadable "this unzip has no -Z1: unpack $bundle, and give the folder"
        [ "$(head -c 2 "$bundle")" != PK ] || unreadable "$bundle is cut off: download all of it again"
        unreadable "$bundle is no zip"
    fi
    [ -z "$(sort "$work/names" | uniq -d)" ] || wrong "$bundle has a name twice"
    grep -Eq '(^|/)[.][.](/|$)|^/|[\]' "$work/names" && wrong "$bundle has a name that leads elsewhere"
    unzip -q -n -d "$work/bundle" "$bundle" >/dev/null 2>&1 || wrong "$bundle cannot be unpacked: damaged or altered"
    chmod -R u+rwX "$work/bundle" # a zip says of each folder who may open it, its owner or not
    bundle=$work/bundle
    desktop='^$' # nothing
else
    # Computers put these into a folder that somebody looks at, or opens a file of.
    desktop='(^|/)(\._[^/]*|\.DS_Store|Thumbs\.db|desktop\.ini|\.directory|\.~lock\.[^/]*#|~\$[^/]*)$'
fi
bundle=$(cd "$bundle" && pwd)
[ -f "$bundle/manifest.note" ] || unreadable "there is no manifest.note"

if [ ! -s "$work/trusted" ]; then
    [ -f "$bundle/vkeys.txt" ] || unreadable "there is no key; give one"
    cp "$bundle/vkeys.txt" "$work/trusted"
    open "no key was given: compare these with what the site publishes or you noted"
    sed 's/^/       /' "$work/trusted" | plain
fi
text_of "$bundle/manifest.note" >"$work/manifest"
site=$(sed -n 's/^  "site": "\([^"]*\)",*$/\1/p' "$work/manifest")
require_signed "$bundle/manifest.note" "$site/consent/manifest" manifest.note
text_of "$bundle/manifest.note" >"$work/manifest"
check_files
sed -n 's/^      "folder": "\([^"]*\)",*$/\1/p' "$work/manifest" >"$work/folders"
sed -n 's|/leaves\.txt$||p' "$work/there" | sort >"$work/logs"
[ "$(sort "$work/folders")" = "$(cat "$work/logs")" ] || wrong "the logs of the bundle are not those of the manifest"
sed -n 's/^      "origin": "\([^"]*\)",*$/\1/p' "$work/manifest" >"$work/origins"
[ -s "$work/folders" ] || open "whether anything was recorded: there is no log in this bundle"
paste "$work/folders" "$work/origins" >"$work/pairs"
while IFS='	' read -r one its; do
    check_log "$one" "$its"
    check_stamps
done <"$work/pairs"
check_shown
good "everything that was checked holds"
