using System.Diagnostics;

namespace Wspy.Interop.Tests.Harness;

/// <summary>A proxy that is a program of its own, with its settings in a folder of its own; both end with this object.</summary>
internal sealed class ProxyProcess : IAsyncDisposable
{
    public const string User = "user";
    public const string Password = "pass-word.1";

    /// <summary>The same password as <c>openssl passwd -apr1</c> writes it.</summary>
    private const string Hashed = "$apr1$wspywspy$swjHahNETilgr2r4VmPAD/";

    private const int Attempts = 5;

    private readonly Peer _peer;
    private readonly DirectoryInfo _folder;

    private ProxyProcess(Peer peer, DirectoryInfo folder, int port)
    {
        _peer = peer;
        _folder = folder;
        Port = port;
    }

    public int Port { get; }

    public string Output => _peer.Output;

    /// <summary>squid, which asks for a name and password by <c>basic</c> or <c>digest</c>.</summary>
    public static Task<ProxyProcess> SquidAsync(string scheme) => StartAsync((folder, port) =>
    {
        string users = Write(folder, "users", scheme == "basic" ? $"{User}:{Hashed}\n" : $"{User}:{Password}\n");
        string helper = scheme == "basic" ? $"/usr/lib/squid/basic_ncsa_auth {users}" : $"/usr/lib/squid/digest_file_auth {users}";
        string settings = Write(folder, "squid.conf", $"""
            http_port 127.0.0.1:{port}
            pid_filename none
            cache_log {folder}/cache.log
            access_log none
            netdb_filename none
            pinger_enable off
            memory_cache_shared off
            cache deny all
            coredump_dir {folder}
            shutdown_lifetime 0 seconds
            visible_hostname wspy.invalid
            auth_param {scheme} program {helper}
            auth_param {scheme} realm wspy
            acl known proxy_auth REQUIRED
            http_access allow known
            http_access deny all

            """);
        return new ProcessStartInfo("/usr/sbin/squid", ["-N", "-d", "1", "-f", settings]);
    });

    /// <summary>haproxy, which passes on what it gets to a server, telling it who has connected.</summary>
    /// <param name="server">The server's line: its address, and <c>send-proxy</c> or <c>send-proxy-v2</c>, say.</param>
    /// <param name="mode"><c>tcp</c> or <c>http</c>.</param>
    /// <param name="more">Further lines of the part that listens.</param>
    public static Task<ProxyProcess> HaproxyAsync(string server, string mode = "tcp", string more = "") => StartAsync((folder, port) =>
    {
        string settings = Write(folder, "haproxy.cfg", $"""
            defaults
                mode {mode}
                timeout connect 30s
                timeout client 60s
                timeout server 60s
                timeout tunnel 60s
            listen front
                bind 127.0.0.1:{port}
                {more}
                server back {server}

            """);
        return new ProcessStartInfo("/usr/sbin/haproxy", ["-db", "-f", settings]);
    });

    /// <summary>tinyproxy, which asks for a name and password by Basic, over another connection each time.</summary>
    public static Task<ProxyProcess> TinyproxyAsync() => StartAsync((folder, port) =>
    {
        string settings = Write(folder, "tinyproxy.conf", $"Port {port}\nListen 127.0.0.1\nTimeout 600\nMaxClients 20\nBasicAuth {User} {Password}\n");
        return new ProcessStartInfo("tinyproxy", ["-d", "-c", settings]);
    });

    /// <summary>microsocks: SOCKS5 with a name and password.</summary>
    public static Task<ProxyProcess> MicrosocksAsync() =>
        StartAsync((_, port) => new ProcessStartInfo("microsocks", ["-i", "127.0.0.1", "-p", $"{port}", "-u", User, "-P", Password]));

    /// <summary>dante: SOCKS5 and SOCKS4 for everybody.</summary>
    public static Task<ProxyProcess> DanteAsync() => StartAsync((folder, port) =>
    {
        string settings = Write(folder, "danted.conf", $$"""
            logoutput: stderr
            internal: 127.0.0.1 port = {{port}}
            external: 127.0.0.1
            clientmethod: none
            socksmethod: none
            client pass {
                from: 0.0.0.0/0 to: 0.0.0.0/0
            }
            socks pass {
                from: 0.0.0.0/0 to: 0.0.0.0/0
                command: connect
                protocol: tcp
            }

            """);
        return new ProcessStartInfo("/usr/sbin/danted", ["-f", settings]);
    });

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    // Somebody may take the port between its choice and its use.
    private static async Task<ProxyProcess> StartAsync(Func<string, int, ProcessStartInfo> configure)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wspy-proxy-");

        // squid and its helpers give up the rights of root, and read and write here all the same.
        SetMode(folder.FullName, (UnixFileMode)0b111_111_111);
        for (int i = 1; ; i++)
        {
            int port = FreePort.Next();
            try
            {
                return new ProxyProcess(await Peer.ServeAsync(configure(folder.FullName, port), port), folder, port);
            }
            catch (PeerException) when (i < Attempts)
            {
                // As above.
            }
        }
    }

    private static string Write(string folder, string name, string text)
    {
        string path = Path.Combine(folder, name);
        File.WriteAllText(path, text);
        SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
        return path;
    }

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }
}
