#!/usr/bin/env bash
# Installs the Debian or Ubuntu packages that pip cannot: Pango and HarfBuzz, which the PDF needs, and with
# --test also what the tests look at HTML and PDF with, PostgreSQL and MariaDB. Installs only what is
# missing. Where it cannot, it names the packages and carries on, because the HTML report works
# without; in CI it fails.
set -euo pipefail

packages=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0)
# Debian ships Python without what makes virtual environments.
"${PYTHON:-python3}" -c 'import ensurepip' 2>/dev/null || packages+=(python3-venv)
if [ "${1:-}" = --test ]; then
    # Any Chromium will do, and Ubuntu's has another package name.
    command -v chromium chromium-browser google-chrome >/dev/null || packages+=(chromium)
    command -v pdftoppm >/dev/null || packages+=(poppler-utils)
    # Servers that the tests start for themselves, to read from and to run exported segments in.
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || packages+=(postgresql)
    command -v mariadbd /usr/sbin/mariadbd >/dev/null || packages+=(mariadb-server)
fi

give_up() {
    printf 'System packages not installed (%s). PDF and tests need: %s\n' "$1" "${missing[*]}" >&2
    [ "${CI:-}" = true ] && exit 1
    exit 0
}

missing=("${packages[@]}")
if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    give_up 'this is not Debian or Ubuntu'
fi

missing=()
for package in "${packages[@]}"; do
    status=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || give_up 'neither root nor sudo'
    as_root=(sudo)
    # Without a terminal sudo cannot ask for the password, and must not wait for it.
    [ -t 0 ] || as_root+=(--non-interactive)
fi

install_missing() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${missing[@]}"
}

echo "Installing system packages: ${missing[*]}"
# The first try does without the slow update, and fails where the lists are missing or old.
install_missing >/dev/null 2>&1 ||
    { "${as_root[@]}" apt-get update && install_missing; } ||
    give_up 'apt-get failed'
