#!/bin/sh
# Installs a release of tanets:
#
#   curl -fsSL https://github.com/tanets/tanets/releases/latest/download/install.sh | sh
#
# TANETS_VERSION      the version, such as 0.1.0; without it, the one that this script was released with
# TANETS_INSTALL_DIR  where the program goes; without it, ~/.local/bin
# TANETS_BASE_URL     where the releases are; without it, the project's own
#
# The archive is compared with the release's SHA256SUMS, and nothing is installed if it differs.
set -eu

main() {
    version=${TANETS_VERSION:-0.1.0}
    version=${version#v}
    folder=${TANETS_INSTALL_DIR:-$HOME/.local/bin}
    base=${TANETS_BASE_URL:-https://github.com/tanets/tanets/releases/download}

    case $(uname -s) in
        Linux) system=unknown-linux-musl ;;
        Darwin) system=apple-darwin ;;
        *) fail "there is no release for $(uname -s); on Windows, take the archive by hand" ;;
    esac
    case $(uname -m) in
        x86_64 | amd64) machine=x86_64 ;;
        aarch64 | arm64) machine=aarch64 ;;
        *) fail "there is no release for $(uname -m)" ;;
    esac
    archive=tanets-$version-$machine-$system

    scratch=$(mktemp -d)
    trap 'rm -rf "$scratch"' EXIT
    trap 'exit 130' INT TERM
    download "$base/v$version/SHA256SUMS" "$scratch/SHA256SUMS"
    download "$base/v$version/$archive.tar.gz" "$scratch/$archive.tar.gz"

    wanted=$(sed -n "s/^\([0-9a-f]\{64\}\)  $archive\.tar\.gz\$/\1/p" "$scratch/SHA256SUMS")
    [ -n "$wanted" ] || fail "SHA256SUMS says nothing of $archive.tar.gz"
    found=$(sha256 "$scratch/$archive.tar.gz")
    [ "$wanted" = "$found" ] || fail "the checksum of $archive.tar.gz is $found, and should be $wanted"

    tar -xzf "$scratch/$archive.tar.gz" -C "$scratch"
    mkdir -p "$folder"
    # Moved at the end, so that a running tanets isn't written over.
    cp "$scratch/$archive/tanets" "$folder/.tanets.new"
    chmod 755 "$folder/.tanets.new"
    mv "$folder/.tanets.new" "$folder/tanets"
    echo "installed $("$folder/tanets" -V) as $folder/tanets"
    case :$PATH: in
        *":$folder:"*) ;;
        *) echo "add $folder to your PATH" ;;
    esac
}

download() {
    if command -v curl >/dev/null; then
        curl --fail --silent --show-error --location --retry 3 --output "$2" "$1" || fail "cannot download $1"
    elif command -v wget >/dev/null; then
        wget --quiet --output-document="$2" "$1" || fail "cannot download $1"
    else
        fail "neither curl nor wget is there"
    fi
}

sha256() {
    if command -v sha256sum >/dev/null; then
        sha256sum "$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null; then
        shasum -a 256 "$1" | cut -d ' ' -f 1
    else
        fail "neither sha256sum nor shasum is there: the archive can't be verified"
    fi
}

fail() {
    echo "install.sh: $1" >&2
    exit 1
}

# The last line, so that half a download does nothing.
main
