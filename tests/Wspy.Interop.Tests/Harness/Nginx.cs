using System.Diagnostics;

namespace Wspy.Interop.Tests.Harness;

/// <summary>An nginx of a test: its own process with its own configuration, in a folder that goes away with it.</summary>
internal sealed class Nginx : IAsyncDisposable
{
    /// <summary>Ports that are tried; somebody else may take one between the look and the listening.</summary>
    private const int MaxPorts = 5;

    private readonly DirectoryInfo _folder;
    private readonly Peer _peer;

    private Nginx(DirectoryInfo folder, Peer peer, int port) => (_folder, _peer, Port) = (folder, peer, port);

    public int Port { get; }

    /// <summary>All that it logged until now.</summary>
    public string Log => _peer.Output;

    /// <summary>Starts an nginx; returns once it listens.</summary>
    /// <param name="listen">What follows the port in its "listen" directive: nothing, or <c>ssl</c>.</param>
    /// <param name="server">The directives of its server.</param>
    /// <param name="files">Names and contents of files beside the configuration.</param>
    public static async Task<Nginx> StartAsync(string listen, string server, params (string Name, string Text)[] files)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("wspy-nginx-");
        foreach ((string name, string text) in files)
        {
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, name), text);
        }

        for (int i = 1; ; i++)
        {
            int port = FreePort.Next();
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "nginx.conf"), Configuration(folder.FullName, port, listen, server));
            try
            {
                return new Nginx(folder, await Peer.StartAsync(Start(folder.FullName), static line => line.Contains("start worker process ", StringComparison.Ordinal)), port);
            }
            catch (PeerException) when (i < MaxPorts)
            {
                // Somebody took the port; should it be something else, the last attempt tells.
            }
            catch
            {
                folder.Delete(recursive: true);
                throw;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _peer.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    // nginx itself does not end with its standard input, the shell around it does, and takes it along.
    private static ProcessStartInfo Start(string folder) =>
        new("/bin/sh", ["-c", "exec 3<&0; \"$0\" -e stderr -p \"$1\" -c nginx.conf & nginx=$!; { read -r end <&3; kill $nginx; } & end=$!; wait $nginx; kill $end", Requirement.NginxProgram!, folder]);

    private static string Configuration(string folder, int port, string listen, string server) => $$"""
        daemon off;
        pid nginx.pid;
        error_log stderr notice;
        user {{Environment.UserName}};
        worker_processes 1;
        events { worker_connections 128; }
        http {
            access_log off;
            client_body_temp_path {{folder}}/body;
            proxy_temp_path {{folder}}/proxy;
            fastcgi_temp_path {{folder}}/fastcgi;
            uwsgi_temp_path {{folder}}/uwsgi;
            scgi_temp_path {{folder}}/scgi;
            server {
                listen 127.0.0.1:{{port}} {{listen}};
                {{server}}
            }
        }
        """;
}
