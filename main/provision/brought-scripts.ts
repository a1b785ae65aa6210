import { endRun, opening } from './remote-scripts.ts';

/**
 * The list of images that we brought to a node's machine, `.brought` in its folder: an id a line, and the reference of a pull whose end was
 * never noted because the machine lost its power. `note LINE NEW` takes a line off it and puts one on, either may be empty. It writes beside
 * the list under a name of its own: the pull of a dead run notes its image while the next run is at work already, or notes one too.
 */
const note = String.raw`
note() {
  { grep -vxF -- "$1" .brought 2>/dev/null; [ -z "$2" ] || printf '%s\n' "$2"; } | sort -u >".brought.$$" &&
    chmod 644 ".brought.$$" && mv -f ".brought.$$" .brought && return
  rm -f ".brought.$$"
  return 1
}
`;

/** Notes an image that was brought. Arguments: base, id. */
export const noteScript = `${opening}${note}cd "$1" && note '' "$2"
`;

/**
 * Pulls an image and notes it. Arguments: base, reference. One command, because it goes on to its end on the server even where this
 * computer dies in the middle; an image that nobody noted would stay there for ever, so its reference is on the list before it comes.
 */
export const pullScript = `${opening}${note}cd "$1" || exit
note '' "$2"
docker pull --quiet "$2" >/dev/null || { note "$2" ''; exit 1; }
id=$(docker image inspect --format '{{.Id}}' -- "$2") && note "$2" "$id"
`;

/**
 * Removes the images that are on the list, when no pull can add to it any more. Arguments: base, what the node's pulls carry as their run.
 * Prints `removed` or `kept` for each.
 */
export const removeImagesScript = String.raw`${opening}${endRun}end_run "$2"
sort "$1/.brought" 2>/dev/null | while IFS= read -r image; do
  docker image inspect -- "$image" >/dev/null 2>&1 </dev/null || continue
  for name in $(docker image inspect --format '{{range .RepoTags}}{{.}} {{end}}{{range .RepoDigests}}{{.}} {{end}}' -- "$image" </dev/null); do
    docker image rm -- "$name" >/dev/null 2>&1 </dev/null
  done
  docker image rm -- "$image" >/dev/null 2>&1 </dev/null
  if docker image inspect -- "$image" >/dev/null 2>&1 </dev/null; then echo kept; else echo removed; fi
done
`;
