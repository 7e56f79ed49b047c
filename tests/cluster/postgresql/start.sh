#!/bin/sh
# Makes the database where there is none, runs what is mounted for that, and becomes the server. TLS only, from outside.
set -eu
folder=/var/lib/postgresql
programs=/usr/lib/postgresql/15/bin

if ! [ -s "$folder/data/PG_VERSION" ]; then
    "$programs/initdb" --pgdata "$folder/data" --username postgres --auth trust --encoding UTF8 --locale C
    printf 'local all all trust\nhostssl all all all scram-sha-256\n' >"$folder/data/pg_hba.conf"
    "$programs/pg_ctl" start --wait --pgdata "$folder/data" --options "-k $folder -c listen_addresses="
    for file in /etc/postgresql-init/*.sql; do
        [ -e "$file" ] || continue
        "$programs/psql" --host "$folder" --username postgres --set ON_ERROR_STOP=1 --file "$file"
    done
    "$programs/pg_ctl" stop --wait --pgdata "$folder/data" --mode fast
fi
exec "$programs/postgres" -D "$folder/data" -k "$folder" -c "listen_addresses=*" -c ssl=on \
    -c ssl_cert_file=/etc/postgresql-tls/tls.crt -c ssl_key_file=/etc/postgresql-tls/tls.key
