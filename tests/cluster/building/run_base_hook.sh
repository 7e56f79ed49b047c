#!/bin/sh
# Makes a base without shell and package manager out of Debian packages' files, which mmdebstrap extracted into $1; no
# script of any package has run. As in distroless images, status.d tells scanners what is left, one file a package.
set -eu
root=$1
removed=" debconf dpkg tar "
files_of() { dpkg-deb --fsys-tarfile "$1" | tar --list | sed -n 's|^\./\(.*[^/]\)$|\1|p'; }

mkdir -p "$root/var/lib/dpkg/status.d"
for archive in "$root"/var/cache/apt/archives/*.deb; do
    name=$(dpkg-deb --field "$archive" Package)
    case $removed in
    *" $name "*) files_of "$archive" | while read -r file; do rm -f "$root/$file"; done ;;
    *) dpkg-deb --field "$archive" >"$root/var/lib/dpkg/status.d/$name" ;;
    esac
done
for kept in info alternatives triggers updates; do rm -rf "$root/var/lib/dpkg/$kept"; done
rm -rf "$root/usr/share/doc" "$root/usr/share/man" "$root/usr/share/lintian"
rm -f "$root/usr/bin/openssl" "$root/usr/bin/c_rehash" "$root/usr/sbin/update-ca-certificates"

mkdir -p "$root/etc/ssl/certs" "$root/tmp" "$root/home/nonroot"
chmod 1777 "$root/tmp"
chown 65532:65532 "$root/home/nonroot"
find "$root/usr/share/ca-certificates" -name '*.crt' | LC_ALL=C sort | while read -r file; do cat "$file"; done \
    >"$root/etc/ssl/certs/ca-certificates.crt"
printf 'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n' >"$root/etc/passwd"
printf 'root:x:0:\nnonroot:x:65532:\n' >"$root/etc/group"
printf 'hosts: files dns\n' >"$root/etc/nsswitch.conf"
