#!/bin/bash
# The first process of a machine. The lab starts it as pid 1 of fresh mount, pid, uts, ipc, net and cgroup namespaces,
# still on the host's root; it builds the machine's root, plugs the cable in, pivots, and becomes the machine's init.
#
# Rules that keep the host safe: no writable folder of the host is ever bound in (a booting systemd empties the /tmp
# it sees), /proc/sys is read-only except net, systemd never runs over the host's own root, /dev is a new tmpfs.
#
# Environment: NAME ADDRESS PREFIX GATEWAY MAC SWITCH_PID, STATE (folder of the machine), UPPER (folder with upper/
# work/ root/), LOWER (overlay's lowerdir), HOST_ROOT=yes|no, LOGIN SUDO PASSWORD ENGINE, MEMORY DISK (bytes or empty),
# SHOWN (colon-separated host folders shown read-only), NODE (the Node to run there), CA_FILE KEY_FILE, CGROUP_VERSION.
set -euo pipefail

plug_cable() { # one end in the switch, the other here; a machine keeps its MAC over a reboot, as real cards do
  in_switch() { nsenter -t "$SWITCH_PID" -n ip "$@"; }
  in_switch link del "v-$NAME" 2>/dev/null || true
  in_switch link add "v-$NAME" type veth peer name eth0 address "$MAC" netns 1
  in_switch link set "v-$NAME" master br0 up
  ip link set lo up
  ip addr add "$ADDRESS/$PREFIX" dev eth0
  ip link set eth0 up
  ip route add default via "$GATEWAY"
}

mount_root() {
  mount --make-rprivate /
  mount -t overlay overlay -o "lowerdir=$LOWER,upperdir=$UPPER/upper,workdir=$UPPER/work" "$R"
  mount -t tmpfs -o mode=1777 tmpfs "$R/tmp"
  local folder parent
  IFS=: read -ra folders <<<"$SHOWN"
  for folder in "${folders[@]}"; do
    mkdir -p "$R$folder"
    mount --bind "$folder" "$R$folder"
    mount -o remount,bind,ro "$R$folder"
    parent=$(dirname "$folder") # an ordinary user must be able to walk there, even below /root
    while [ "$parent" != / ]; do chmod o+x "$R$parent" 2>/dev/null || true; parent=$(dirname "$parent"); done
  done
}

mount_kernel_views() {
  mount -t proc proc "$R/proc"
  mount --bind "$R/proc/sys" "$R/proc/sys"
  mount -o remount,bind,ro "$R/proc/sys"
  mkdir -p "$STATE/proc"
  mount -t proc proc "$STATE/proc"
  mount --bind "$STATE/proc/sys/net" "$R/proc/sys/net"
  mount -t sysfs sysfs "$R/sys"
  mount -t tmpfs -o mode=755 tmpfs "$R/run"
  if [ "$CGROUP_VERSION" = 2 ]; then
    mount -t cgroup2 cgroup2 "$R/sys/fs/cgroup"
  else
    mount -t tmpfs -o mode=755 tmpfs "$R/sys/fs/cgroup"
    local controller
    for controller in cpu cpuacct cpuset memory devices freezer blkio pids; do
      mkdir "$R/sys/fs/cgroup/$controller"
      mount -t cgroup -o $controller cgroup "$R/sys/fs/cgroup/$controller"
    done
    mkdir "$R/sys/fs/cgroup/systemd"
    mount -t cgroup -o none,name=systemd cgroup "$R/sys/fs/cgroup/systemd"
  fi
}

make_devices() {
  mount -t tmpfs -o mode=755 tmpfs "$R/dev"
  mkdir "$R"/dev/{pts,shm,net}
  local node name major minor
  for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 fuse:10:229 net/tun:10:200; do
    IFS=: read -r name major minor <<<"$node"
    mknod -m 666 "$R/dev/$name" c "$major" "$minor"
  done
  touch "$R/dev/console"
  ln -s null "$R/dev/kmsg"
  mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts "$R/dev/pts"
  mount -t tmpfs -o mode=1777 tmpfs "$R/dev/shm"
  ln -s pts/ptmx "$R/dev/ptmx"
  ln -s /proc/self/fd "$R/dev/fd"
  ln -s fd/0 "$R/dev/stdin"
  ln -s fd/1 "$R/dev/stdout"
  ln -s fd/2 "$R/dev/stderr"
}

mount_disks() { # Docker's overlay2 cannot lie on an overlay: its data are plain folders of a real file system
  local data=$STATE/data part
  if [ -n "$DISK" ]; then
    data=$STATE/disk
    mkdir -p "$data"
    if [ ! -e "$STATE/disk.img" ]; then
      truncate -s "$DISK" "$STATE/disk.img"
      mkfs.ext4 -q -F -m 0 "$STATE/disk.img"
    fi
    mount -o loop "$STATE/disk.img" "$data"
    mkdir -p "$data/opt" "$R/opt"
    mount --bind "$data/opt" "$R/opt"
  fi
  for part in docker containerd containers; do
    mkdir -p "$data/$part" "$R/var/lib/$part"
    mount --bind "$data/$part" "$R/var/lib/$part"
  done
}

show_memory() { # free(1) and Docker read the total from here; the limit itself is the cgroup's
  [ -n "$MEMORY" ] || return 0
  awk -v kib=$((MEMORY / 1024)) '
    /^MemTotal:/ { printf "MemTotal: %15d kB\n", kib; next }
    /^(MemFree|MemAvailable):/ { printf "%s %15d kB\n", $1, kib * 0.8; next }
    /^(Cached|Buffers|SReclaimable):/ { printf "%s %15d kB\n", $1, 0; next }
    { print }' /proc/meminfo >"$STATE/meminfo"
  mount --bind "$STATE/meminfo" "$R/proc/meminfo"
}

name_machine() {
  hostname "$NAME"
  echo "$NAME" >"$R/etc/hostname"
  printf '127.0.0.1 localhost\n%s %s\n' "$ADDRESS" "$NAME" >"$R/etc/hosts"
  rm -f "$R/etc/resolv.conf"
  echo "nameserver $GATEWAY" >"$R/etc/resolv.conf"
}

add_login() {
  local home=/root
  if [ "$LOGIN" != root ]; then
    home=/home/$LOGIN
    chroot "$R" useradd --create-home --shell /bin/bash "$LOGIN"
    case $SUDO in
      free) echo "$LOGIN ALL=(ALL) NOPASSWD: ALL" >"$R/etc/sudoers.d/lab" ;;
      'asks password') echo "$LOGIN ALL=(ALL) ALL" >"$R/etc/sudoers.d/lab" ;;
    esac
    [ -z "$PASSWORD" ] || echo "$LOGIN:$PASSWORD" | chroot "$R" chpasswd
  fi
  mkdir -p "$R$home/.ssh"
  if [ "$HOST_ROOT" = yes ]; then
    rm -f "$R$home"/.ssh/*
    cp "$KEY_FILE" "$R$home/.ssh/id_ed25519"
    cp "$KEY_FILE.pub" "$R$home/.ssh/id_ed25519.pub"
    chroot "$R" usermod --append --groups docker "$LOGIN"
  else
    cp "$KEY_FILE.pub" "$R$home/.ssh/authorized_keys"
  fi
  # Without this, systemd ends a user's manager ten seconds after the last logout, and a login that meets that waits 25 s in PAM.
  mkdir -p "$R/var/lib/systemd/linger"
  touch "$R/var/lib/systemd/linger/$LOGIN"
  chmod 700 "$R$home/.ssh"
  chroot "$R" chown -R "$LOGIN:" "$home/.ssh"
}

trust_lab_ca() { # what update-ca-certificates would do, 1.5 s faster; its next run keeps the certificate
  [ -n "$CA_FILE" ] || return 0
  mkdir -p "$R/usr/local/share/ca-certificates"
  cp "$CA_FILE" "$R/usr/local/share/ca-certificates/mirrorfleet-lab.crt"
  cp "$CA_FILE" "$R/etc/ssl/certs/mirrorfleet-lab.pem"
  cat "$CA_FILE" >>"$R/etc/ssl/certs/ca-certificates.crt"
  ln -sf mirrorfleet-lab.pem "$R/etc/ssl/certs/$(openssl x509 -noout -hash -in "$CA_FILE").0"
}

prepare_server() {
  chroot "$R" ssh-keygen -q -t ed25519 -N '' -C "root@$NAME" -f /etc/ssh/ssh_host_ed25519_key
  rm -f "$R/usr/sbin/policy-rc.d" "$R"/etc/apt/sources.list.d/*
  rm -rf "$R"/var/lib/apt/lists/* "$R/etc/apt/apt.conf.d/99mmdebstrap" # which would keep apt from installing recommended packages
  echo "deb [trusted=yes] http://deb.debian.org/debian ./" >"$R/etc/apt/sources.list"
}

prepare_laptop() { # a program under /usr/local or a file of the host's owner must not decide what a test sees
  rm -f "$R/usr/local/bin/docker" "$R/etc/docker/daemon.json" "$R/etc/docker/key.json"
  rm -rf "$R/etc/docker/certs.d" "$R/root/.docker" "$R/etc/containerd/certs.d"
  ln -sf "$NODE" "$R/usr/local/bin/node"
  [ ! -x /usr/bin/containerd ] || write_containerd_service
  # Raising the limit needs a capability that a lab in a container may not have, and the script runs with `set -e`.
  [ ! -e "$R/etc/init.d/docker" ] || sed -i -E 's/^(\s*ulimit .*)$/\1 2>\/dev\/null || true/' "$R/etc/init.d/docker"
}

# Debian's package has only a unit for systemd, which the laptop does not have. Stopping leaves the shims alone, as the unit's KillMode does.
write_containerd_service() {
  cat >"$R/etc/init.d/containerd" <<'SERVICE'
#!/bin/sh
### BEGIN INIT INFO
# Provides: containerd
# Required-Start: $local_fs
# Required-Stop: $local_fs
# Default-Start: 2 3 4 5
# Default-Stop: 0 1 6
# Short-Description: containerd
### END INIT INFO
stop() { start-stop-daemon --stop --oknodo --retry 10 --pidfile /run/containerd.pid --exec /usr/bin/containerd; }
start() {
  start-stop-daemon --start --oknodo --background --make-pidfile --pidfile /run/containerd.pid \
    --output /var/log/containerd.log --exec /usr/bin/containerd
  for _ in $(seq 100); do [ -S /run/containerd/containerd.sock ] && return 0; sleep 0.05; done
}
case $1 in
start) start ;;
stop) stop ;;
restart) stop; start ;;
*) exit 2 ;;
esac
SERVICE
  chmod 755 "$R/etc/init.d/containerd"
}

start_programs() { # the laptop's init: what a desktop's boot would have started
  mkdir -p /run/sshd /run/lock /run/dbus
  if command -v dbus-daemon >/dev/null; then dbus-daemon --system --fork >/dev/null 2>&1 || true; fi
  if [ -x /usr/lib/polkit-1/polkitd ]; then /usr/lib/polkit-1/polkitd --no-debug >/dev/null 2>&1 & fi
  [ "$ENGINE" = no ] || [ ! -x /etc/init.d/containerd ] || service containerd start || true # before Docker, which then shares it
  [ "$ENGINE" = no ] || service docker start || true
}

case $1 in
build)
  read -r host_pid _ </proc/self/stat
  R=$UPPER/root
  mkdir -p "$UPPER"/{upper,work,root}
  mount_root
  plug_cable
  mount_kernel_views
  make_devices
  mount_disks
  show_memory
  name_machine
  if [ ! -e "$STATE/prepared" ]; then
    add_login
    trust_lab_ca
    if [ "$HOST_ROOT" = yes ]; then prepare_laptop; else prepare_server; fi
    touch "$STATE/prepared"
  fi
  cp "$0" "$R/run/machine-init"
  echo "$host_pid" >"$STATE/pid.new" && mv "$STATE/pid.new" "$STATE/pid"
  cd "$R"
  mkdir -p mnt
  pivot_root . mnt
  exec chroot . /bin/bash /run/machine-init run
  ;;
run)
  umount -l /mnt
  mount --make-rshared /
  export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8
  if [ "$HOST_ROOT" = no ]; then
    words=
    [ "$CGROUP_VERSION" = 2 ] || words="systemd.unified_cgroup_hierarchy=0 systemd.legacy_systemd_cgroup_controller=1 SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"
    exec setpriv --bounding-set=-sys_time,-sys_module,-sys_rawio env -i container=lab /sbin/init $words
  fi
  start_programs
  while :; do sleep 1000 & wait $! || true; done # also reaps what the machine's programs orphan
  ;;
esac
