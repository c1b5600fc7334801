# Debian packages that a script needs. Sourced, not run.

# need_packages NAME...: installs those that are missing, and says which.
need_packages() {
    local missing=() name
    for name in "$@"; do
        dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$name")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing Debian packages: ${missing[*]}" >&2
    local sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "These packages are missing and sudo is not there. Install them as root:" >&2
            echo "  apt-get install ${missing[*]}" >&2
            exit 1
        }
        sudo=sudo
    fi
    $sudo apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq "${missing[@]}" >/dev/null
}

# What building and running needs.
build_packages() {
    need_packages libsqlite3-dev libcurl4-openssl-dev libzstd-dev libedit-dev libncurses-dev \
        libxlsxwriter-dev "$@"
}
