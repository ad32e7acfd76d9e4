"""MariaDB, php-fpm and nginx as private processes of one store: own folder, own sockets, one loopback port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import ExitStack
from pathlib import Path

from tests.ports import held_port
from tests.real_store.sources import Sources

_FPM_CONF = """\
[global]
error_log = {work}/php-fpm.log
daemonize = no
[store]
{owner}
listen = {work}/fpm.sock
pm = dynamic
pm.max_children = 8
pm.start_servers = 3
pm.min_spare_servers = 2
pm.max_spare_servers = 4
clear_env = no
catch_workers_output = yes
php_admin_value[memory_limit] = 512M
php_admin_value[max_execution_time] = 300
php_admin_value[sys_temp_dir] = {work}/tmp
php_admin_value[upload_tmp_dir] = {work}/tmp
"""

_NGINX_CONF = """\
{owner}
daemon off;
pid {work}/nginx.pid;
error_log {work}/nginx.log warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
  include /etc/nginx/mime.types;
  access_log off;
  client_max_body_size 64m;
  client_body_temp_path {work}/tmp/body;
  fastcgi_temp_path {work}/tmp/fastcgi;
  proxy_temp_path {work}/tmp/proxy;
  uwsgi_temp_path {work}/tmp/uwsgi;
  scgi_temp_path {work}/tmp/scgi;
  fastcgi_buffers 32 32k;
  fastcgi_buffer_size 64k;
  fastcgi_read_timeout 300s;
  server {{
    listen 127.0.0.1:{port};
    server_name 127.0.0.1;
    root {site};
    index index.php;
    location / {{ try_files $uri $uri/ /index.php?$args; }}
    location ^~ /__test/ {{
      rewrite ^/__test/(.*)$ /$1 break;
      root {scripts};
      fastcgi_pass unix:{work}/fpm.sock;
{params}
    }}
    location ~ \\.php$ {{
      try_files $uri =404;
      fastcgi_pass unix:{work}/fpm.sock;
{params}
    }}
  }}
}}
"""

# HTTP_AUTHORIZATION and the other request headers reach PHP by themselves through FastCGI.
_FASTCGI_PARAMS = """\
      fastcgi_param QUERY_STRING $query_string;
      fastcgi_param REQUEST_METHOD $request_method;
      fastcgi_param CONTENT_TYPE $content_type;
      fastcgi_param CONTENT_LENGTH $content_length;
      fastcgi_param SCRIPT_FILENAME $document_root$fastcgi_script_name;
      fastcgi_param SCRIPT_NAME $fastcgi_script_name;
      fastcgi_param REQUEST_URI $request_uri;
      fastcgi_param DOCUMENT_ROOT $document_root;
      fastcgi_param SERVER_PROTOCOL $server_protocol;
      fastcgi_param SERVER_NAME $server_name;
      fastcgi_param SERVER_PORT $server_port;
      fastcgi_param REMOTE_ADDR $remote_addr;"""


class Services:
    """The three processes of one store. `start()` returns when all accept connections; `stop()` ends all three."""

    def __init__(self, sources: Sources, work: Path, site: Path, scripts: Path) -> None:
        self._sources = sources
        self._work = work
        self._site = site
        self._scripts = scripts
        self._processes: list[subprocess.Popen[bytes]] = []
        self._environment: dict[str, str] = {}
        self.database_socket = work / "mariadb.sock"
        self._held = ExitStack()
        self.port = self._held.enter_context(held_port())

    def start(self, environment: dict[str, str]) -> None:
        """Start all three; PHP sees `environment` on top of ours. RuntimeError with the logs if one ends at once."""
        self._environment = {**os.environ, **environment}
        (self._work / "tmp").mkdir(exist_ok=True)
        self._start_mariadb()
        self._start_php_fpm()
        self._start_nginx()
        self._wait_until_listening(self.database_socket)
        self._wait_until_listening(self._work / "fpm.sock")
        self._wait_until_listening(("127.0.0.1", self.port))

    def stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
        for process in reversed(self._processes):
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=5)
        self._processes.clear()
        self._held.close()

    def _start_mariadb(self) -> None:
        # What is thrown away afterwards need not survive a power cut.
        options = [
            "--no-defaults",
            f"--datadir={self._work / 'mariadb'}",
            # Of its own: a MariaDB that starts clears away temporary tables, also those of its neighbours.
            f"--tmpdir={self._work / 'tmp'}",
            "--innodb-log-file-size=16M",
            *(["--user=root"] if os.geteuid() == 0 else []),
        ]
        with (self._work / "mariadb-install.log").open("wb") as log:
            subprocess.run(
                [
                    self._sources.mariadb_install_db,
                    *options,
                    "--auth-root-authentication-method=normal",
                    "--skip-test-db",
                    "--skip-name-resolve",
                ],
                stdout=log,
                stderr=subprocess.STDOUT,
                check=True,
            )
        self._spawn(
            self._sources.mariadbd,
            *options,
            f"--socket={self.database_socket}",
            f"--pid-file={self._work / 'mariadb.pid'}",
            f"--log-error={self._work / 'mariadb.log'}",
            "--skip-networking",
            "--innodb-flush-log-at-trx-commit=0",
            "--innodb-doublewrite=0",
            "--innodb-buffer-pool-size=96M",
        )

    def _start_php_fpm(self) -> None:
        owner = "user = root\ngroup = root" if os.geteuid() == 0 else ""
        configuration = self._work / "php-fpm.conf"
        configuration.write_text(_FPM_CONF.format(work=self._work, owner=owner))
        settings = {
            "opcache.memory_consumption": "192",
            "opcache.max_accelerated_files": "20000",
            "opcache.revalidate_freq": "0",
            "opcache.lockfile_path": str(self._work / "tmp"),
        }
        self._spawn(
            self._sources.php_fpm,
            "--nodaemonize",
            *(["--allow-to-run-as-root"] if os.geteuid() == 0 else []),
            *(f"-d{name}={value}" for name, value in settings.items()),
            f"--fpm-config={configuration}",
        )

    def _start_nginx(self) -> None:
        configuration = self._work / "nginx.conf"
        configuration.write_text(
            _NGINX_CONF.format(
                work=self._work,
                site=self._site,
                scripts=self._scripts,
                port=self.port,
                params=_FASTCGI_PARAMS,
                owner="user root;" if os.geteuid() == 0 else "",
            )
        )
        self._spawn(self._sources.nginx, "-e", str(self._work / "nginx.log"), "-c", str(configuration))

    def _spawn(self, *command: str) -> None:
        with (self._work / "services.log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(
                    [*ends_with_us(), *command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment,
                )
            )

    def _wait_until_listening(self, address: Path | tuple[str, int]) -> None:
        deadline = time.monotonic() + 30
        while not _listens(address):
            ended = [process.args for process in self._processes if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                raise RuntimeError(f"the real store did not start: {ended or address}\n{self._logs()}")
            time.sleep(0.02)

    def _logs(self) -> str:
        return "\n".join(f"== {log.name}\n{log.read_text()[-2000:]}" for log in sorted(self._work.glob("*.log")))


def _listens(address: Path | tuple[str, int]) -> bool:
    family = socket.AF_INET if isinstance(address, tuple) else socket.AF_UNIX
    with socket.socket(family) as probe:
        try:
            probe.connect(address if isinstance(address, tuple) else str(address))
        except OSError:
            return False
    return True


def ends_with_us() -> list[str]:
    """A killed test run leaves no server behind, where the system can promise that."""
    return ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
