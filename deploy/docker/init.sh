#!/bin/sh
# init.sh FOLDER [USER]: makes the folders of CONFIG that the containers use, for their user 1000. As root, in the container "init" of docker-compose.yml.
# A folder that another user has (of a former installation as root) is handed over with all that is in it; what is in order is left alone.
set -eu
root="$1"
owner="${2:-1000}"
for folder in web storage/web signalling jicofo jvb jigasi transcriber jibri auth; do
  mkdir -p "$root/$folder" || { echo "FATAL: CONFIG/$folder cannot be made" >&2; exit 1; }
  if [ "$(stat -c %u "$root/$folder")" != "$owner" ]; then
    echo "init: $folder is handed to user $owner"
    chown -R "$owner:$owner" "$root/$folder" || { echo "FATAL: CONFIG/$folder cannot be handed to user $owner; on the host, as root: chown -R $owner:$owner CONFIG/$folder" >&2; exit 1; }
  fi
done
