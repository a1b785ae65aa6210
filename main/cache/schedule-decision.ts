import { catalogue } from '../fleet/upstreams.ts';

const aliases = catalogue.flatMap(({ id, aliases: others }) => others.map((other) => `${other}=${id}`)).join(' ');

/**
 * What the node's own schedule takes away, decided on the node: an awk program over the lines of `list.sh`, answering with an order for `remove.sh`
 * and, in the file `going`, the victims. It follows the rules of the plan made on the laptop (`prune-plan.ts`), and where it knows less
 * than that (it reads digests, not JSON) it keeps more. Variables: days, keep (bytes), grow (bytes the disk lacks), grace (seconds), going.
 * Exit: 13 a registry caches descriptors, 18 a pin is none, 19 the list is not whole.
 */
export const scheduleDecision = String.raw`
function give_up(code) { code_of_exit = code; exit code }
# A pin in full, as images are named below: registry/repository, with :tag or @digest.
function full(text,    cut, named, digest, first, upstream, rest, tag) {
  cut = index(text, "@"); named = cut ? substr(text, 1, cut - 1) : text; digest = cut ? substr(text, cut) : ""
  cut = index(named, "/"); first = cut ? substr(named, 1, cut - 1) : ""
  upstream = "docker.io"; rest = named
  if (first ~ /[.:]/ || first == "localhost") { upstream = (first in alias) ? alias[first] : first; rest = substr(named, cut + 1) }
  tag = ""
  if (match(rest, /:[^:]*$/)) { tag = substr(rest, RSTART); rest = substr(rest, 1, RSTART - 1) }
  if (upstream == "docker.io" && rest !~ /\//) rest = "library/" rest
  if (length(rest) > 255 || rest !~ /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/) give_up(18)
  if (length(upstream) > 255 || upstream !~ /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9][0-9]?[0-9]?[0-9]?[0-9]?)?$/) give_up(18)
  if (tag != "" && (length(tag) > 129 || tag !~ /^:[A-Za-z0-9_][A-Za-z0-9._-]*$/)) give_up(18)
  if (digest != "" && (digest !~ /^@sha256:[0-9a-f]+$/ || length(digest) != 72)) give_up(18)
  return upstream "/" rest (digest != "" ? digest : tag)
}
# Everything a manifest of place p needs, itself included, into walk[1..walked]; unclear is set where part of it cannot be read.
function close_over(p, root,    i, k, hex, other) {
  split("", seen); walked = 1; walk[1] = root; seen[root]; unclear = 0
  for (i = 1; i <= walked; i++) {
    hex = walk[i]
    if (!((p, hex) in revision)) continue
    if ((!(hex in references) || (hex in escaped)) && (hex in disk)) unclear = 1
    if (!(hex in references)) continue
    for (k = 1; k <= references[hex]; k++) {
      other = reference[hex, k]
      if (other in seen) continue
      # An index names platforms that nobody pulled; a manifest may name another one that it only speaks about (its subject).
      if (hex in is_index) { if (!((p, other) in revision) && !((p, other) in layer)) continue }
      else if (((p, other) in revision) && !((p, other) in layer)) continue
      seen[other]; walk[++walked] = other
    }
  }
}
function need_all(p,    k) {
  for (k = 1; k <= walked; k++) { needed[walk[k]]; here[p, walk[k]] }
  if (unclear) murky[p]
}
# What is needed while all images stay that are not going.
function mark(    i) {
  split("", needed); split("", here); split("", murky)
  for (i in odd) murky[i]
  for (i = 1; i <= images; i++) if (!going_now[i]) { close_over(image_place[i], root[i]); need_all(image_place[i]) }
  for (i = 1; i <= revisions; i++) if (revision_time[i] > oldest) { close_over(revision_place[i], revision_hex[i]); need_all(revision_place[i]) }
  for (i = 1; i <= layers; i++) if (layer_time[i] > oldest || (layer_place[i] in murky)) { needed[layer_hex[i]]; here[layer_place[i], layer_hex[i]] }
  for (i = 1; i <= revisions; i++) if (revision_place[i] in murky) { needed[revision_hex[i]]; here[revision_place[i], revision_hex[i]] }
}
function spare(hex) { return !(hex in needed) && changed[hex] <= oldest }
function image(p, hex, tag, used,    n) {
  n = ++images
  image_place[n] = p; root[n] = hex; tag_of[n] = tag; use[n] = used
  name[n] = registry[p] "/" repository[p] (tag == "" ? "@sha256:" hex : ":" tag)
}
function is_pinned(n,    p, k, place) {
  p = image_place[n]; place = registry[p] "/" repository[p]
  if ((name[n] in pinned) || (place in pinned)) return 1
  close_over(p, root[n])
  for (k = 1; k <= walked; k++) if (((p, walk[k]) in revision) && ((place "@sha256:" walk[k]) in pinned)) return 1
  return 0
}
function before(a, b) { return use[a] < use[b] || (use[a] == use[b] && name[a] < name[b]) }
function line(text) { print text; lines++ }

BEGIN {
  code_of_exit = 0; n = split("${aliases}", pairs, " ")
  for (i = 1; i <= n; i++) { split(pairs[i], pair, "="); alias[pair[1]] = pair[2] }
}
$1 == "mirrorfleet-cache" { at = $3; now = $3 + 0; true_reads = $4; oldest = (grace == 0) ? 1e18 : now - grace; next }
$1 == "c" { give_up(13) }
$1 == "q" { give_up(18) }
$1 == "p" { pinned[full($2)]; next }
$1 == "u" { storage_now = $2; next }
$1 == "r" {
  if (!((storage_now, $2) in place_of)) {
    place_of[storage_now, $2] = ++places; storage[places] = storage_now; repository[places] = $2
    registry[places] = storage_now; sub(/_/, ":", registry[places])
  }
  here_now = place_of[storage_now, $2]; next
}
$1 == "t" { tags++; tag_place[tags] = here_now; tag_name[tags] = $2; tag_hex[tags] = $3; tag_time[tags] = $4 + 0; next }
$1 == "m" { revisions++; revision_place[revisions] = here_now; revision_hex[revisions] = $2; revision_time[revisions] = $3 + 0; revision[here_now, $2] = $3 + 0; next }
$1 == "l" { layers++; layer_place[layers] = here_now; layer_hex[layers] = $2; layer_time[layers] = $3 + 0; layer[here_now, $2]; next }
$1 == "o" { odd[here_now]; next }
$1 == "b" { disk[$2] = $4 * 512; read_at[$2] = $5 + 0; changed[$2] = $6 + 0; total += $4 * 512; next }
$1 == "x" { if (NF == 3 && $2 != $3 && !(($2, $3) in named)) { named[$2, $3]; reference[$2, ++references[$2]] = $3 }; next }
$1 == "i" { is_index[$2]; next }
$1 == "y" { escaped[$2]; next }
$1 == "end" { whole = 1; next }

END {
  if (code_of_exit) exit code_of_exit
  if (!whole) exit 19

  # The images: every tag that can be served, and what was pulled by digest and hangs on nothing else.
  for (i = 1; i <= tags; i++) {
    p = tag_place[i]; hex = tag_hex[i]
    if (!(hex in disk) || !((p, hex) in revision)) { if (tag_time[i] <= oldest) stale[i]; continue }
    used = tag_time[i]; if (true_reads && read_at[hex] > used) used = read_at[hex]
    image(p, hex, tag_name[i], used)
    close_over(p, hex); for (k = 1; k <= walked; k++) below[p, walk[k]]
  }
  for (i = 1; i <= revisions; i++) {
    hex = revision_hex[i]
    if (hex in is_index) for (k = 1; k <= references[hex]; k++) below[revision_place[i], reference[hex, k]]
  }
  for (i = 1; i <= revisions; i++) {
    hex = revision_hex[i]; p = revision_place[i]
    if (!(hex in disk) || ((p, hex) in below)) continue
    image(p, hex, "", read_at[hex] > revision_time[i] ? read_at[hex] : revision_time[i])
  }

  # The least recently used first (a shell sort).
  for (i = 1; i <= images; i++) order[i] = i
  for (gap = int(images / 2); gap > 0; gap = int(gap / 2))
    for (i = gap + 1; i <= images; i++) {
      one = order[i]
      for (k = i; k > gap && before(one, order[k - gap]); k -= gap) order[k] = order[k - gap]
      order[k] = one
    }

  # Never what is pinned, and never what was used within the grace: a pull may be running.
  for (i = 1; i <= images; i++) {
    latest = revision[image_place[i], root[i]]; if (use[i] > latest) latest = use[i]
    removable[i] = latest <= oldest && !is_pinned(i)
  }
  if (days != "") for (i = 1; i <= images; i++) if (removable[i] && use[i] < now - days * 86400) going_now[i] = 1

  most = keep
  if (grow != "" && grow > 0 && (most == "" || total - grow < most + 0)) most = total - grow
  if (most != "") {
    most += 0; if (most < 0) most = 0
    for (i = 1; i <= images; i++) { was[i] = going_now[i]; if (removable[i]) going_now[i] = 1 }
    mark(); for (hex in disk) if (spare(hex)) can_go[hex]
    for (i = 1; i <= images; i++) going_now[i] = was[i]
    mark(); left = total; for (hex in disk) if (spare(hex)) left -= disk[hex]
    for (i = 1; i <= images; i++) if (!going_now[i]) { close_over(image_place[i], root[i]); for (k = 1; k <= walked; k++) holders[walk[k]]++ }
    for (i = 1; i <= images && left > most; i++) {
      one = order[i]
      if (!removable[one] || going_now[one]) continue
      going_now[one] = 1
      close_over(image_place[one], root[one])
      for (k = 1; k <= walked; k++) if (--holders[walk[k]] == 0 && (walk[k] in can_go)) left -= disk[walk[k]]
    }
  }

  mark()
  print "mirrorfleet-prune 1 " at
  for (i = 1; i <= images; i++) {
    if (!going_now[i]) continue
    p = image_place[i]; path = storage[p] "/docker/registry/v2/repositories/" repository[p] "/_manifests/"
    if (tag_of[i] == "") { print path "revisions/sha256/" root[i] " " name[i] > going; continue }
    line("T " storage[p] " " repository[p] " " tag_of[i]); print path "tags/" tag_of[i] " " name[i] > going
  }
  for (i = 1; i <= tags; i++) if (i in stale) line("T " storage[tag_place[i]] " " repository[tag_place[i]] " " tag_name[i])
  for (round = 1; round <= 2; round++)
    for (i = 1; i <= revisions; i++) {
      p = revision_place[i]; hex = revision_hex[i]
      if (((p, hex) in here) || (hex in is_index) != (round == 1)) continue
      line("R " storage[p] " " repository[p] " " hex)
    }
  for (i = 1; i <= layers; i++) {
    p = layer_place[i]
    if (!((p, layer_hex[i]) in here)) line("L " storage[p] " " repository[p] " " layer_hex[i])
  }
  for (hex in disk) if (spare(hex)) line("B " hex)
  print "end " lines + 0
}
`;
