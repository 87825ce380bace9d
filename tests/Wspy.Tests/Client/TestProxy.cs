using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ClientTests;

/// <summary>A proxy on a port of its own, of any kind. It takes every name for this machine, and notes whom it was asked for.</summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentBag<Socket> _sockets = [];
    private readonly string _scheme;
    private readonly string? _user;
    private readonly Task _accepting;

    /// <param name="scheme">http, https, socks5, socks5h, socks4a or socks4.</param>
    /// <param name="user">Such as <c>name:password</c>, which is wanted then.</param>
    public TestProxy(string scheme, string? user = null)
    {
        _scheme = scheme;
        _user = user;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>The hosts, ports and users of all that were served, in order.</summary>
    public ConcurrentQueue<string> Asked { get; } = new();

    /// <summary>Connections that were made to it.</summary>
    public int Connections => _sockets.Count;

    /// <summary>Whether it goes on with a connection after its challenge.</summary>
    public bool KeepsAlive { get; init; } = true;

    /// <summary>What it sends in the place of its first answer.</summary>
    public byte[]? Answer { get; init; }

    /// <summary>Whether it takes connections and never says a word.</summary>
    public bool IsSilent { get; init; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IWebProxy Settings => new WebProxy($"{_scheme}://{(_user is null ? "" : _user + "@")}127.0.0.1:{Port}");

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (Socket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync();
                _sockets.Add(socket);
                _ = Task.Run(() => ServeAsync(socket));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It was disposed.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        try
        {
            Stream client = new NetworkStream(socket, ownsSocket: true);
            if (_scheme == "https")
            {
                var tls = new SslStream(client);
                await tls.AuthenticateAsServerAsync(Link.ServerTls);
                client = tls;
            }

            if (IsSilent)
            {
                return;
            }

            if (Answer is not null)
            {
                await client.ReadAtLeastAsync(new byte[1024], 1);
                await client.WriteAsync(Answer);
                socket.Shutdown(SocketShutdown.Send);
                return;
            }

            int port = _scheme switch { "http" or "https" => await ServeHttpAsync(client), "socks5" or "socks5h" => await ServeSocks5Async(client), _ => await ServeSocks4Async(client) };
            if (port != 0)
            {
                await ForwardAsync(client, port);
            }

            socket.Shutdown(SocketShutdown.Both);
            socket.Dispose();
        }
        catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or EndOfStreamException or System.Security.Authentication.AuthenticationException)
        {
            socket.Dispose();
        }
    }

    private static async Task ForwardAsync(Stream client, int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, port);
        await using var server = new NetworkStream(socket);
        await Task.WhenAny(client.CopyToAsync(server), server.CopyToAsync(client));
    }

    // The port, or 0 when it was refused.
    private async Task<int> ServeHttpAsync(Stream client)
    {
        while (true)
        {
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
            {
                head.Append((char)(await ReadAsync(client, 1))[0]);
            }

            string[] lines = head.ToString().Split("\r\n");
            string given = lines.FirstOrDefault(line => line.StartsWith("Proxy-Authorization: Basic ", StringComparison.Ordinal))?["Proxy-Authorization: Basic ".Length..] ?? "";
            string user = Encoding.UTF8.GetString(Convert.FromBase64String(given));
            if (_user is not null && user != _user)
            {
                string close = KeepsAlive ? "" : "Connection: close\r\n";
                await WriteAsync(client, $"HTTP/1.1 407 Who?\r\nProxy-Authenticate: Basic realm=\"test\"\r\n{close}Content-Length: 5\r\n\r\nwho?\n");
                if (!KeepsAlive)
                {
                    return 0;
                }

                continue;
            }

            string target = lines[0].Split(' ')[1];
            Asked.Enqueue($"{target} {user}".Trim());
            await WriteAsync(client, "HTTP/1.1 200 Connection established\r\n\r\n");
            return int.Parse(target.AsSpan(target.LastIndexOf(':') + 1), CultureInfo.InvariantCulture);
        }
    }

    private async Task<int> ServeSocks5Async(Stream client)
    {
        byte[] methods = await ReadAsync(client, (await ReadAsync(client, 2))[1]);
        byte chosen = _user is null ? (byte)0 : (byte)2;
        bool isOffered = methods.Contains(chosen);
        await client.WriteAsync(new byte[] { 5, isOffered ? chosen : (byte)0xFF });
        if (!isOffered)
        {
            return 0;
        }

        string user = "";
        if (_user is not null)
        {
            byte[] name = await ReadAsync(client, (await ReadAsync(client, 2))[1]);
            byte[] password = await ReadAsync(client, (await ReadAsync(client, 1))[0]);
            user = $"{Encoding.UTF8.GetString(name)}:{Encoding.UTF8.GetString(password)}";
            await client.WriteAsync(new byte[] { 1, user == _user ? (byte)0 : (byte)1 });
            if (user != _user)
            {
                return 0;
            }
        }

        byte type = (await ReadAsync(client, 4))[3];
        string host = type == 3
            ? Encoding.ASCII.GetString(await ReadAsync(client, (await ReadAsync(client, 1))[0]))
            : new IPAddress(await ReadAsync(client, type == 1 ? 4 : 16)).ToString();
        byte[] bytes = await ReadAsync(client, 2);
        int port = (bytes[0] << 8) | bytes[1];
        Asked.Enqueue($"{host}:{port} {user}".Trim());
        await client.WriteAsync(new byte[] { 5, 0, 0, 1, 127, 0, 0, 1, 0, 0 });
        return port;
    }

    private async Task<int> ServeSocks4Async(Stream client)
    {
        byte[] head = await ReadAsync(client, 8);
        int port = (head[2] << 8) | head[3];
        string user = await ReadTextAsync(client);
        bool isName = head[4] == 0 && head[5] == 0 && head[6] == 0 && head[7] != 0;
        string host = isName ? await ReadTextAsync(client) : new IPAddress(head.AsSpan(4)).ToString();
        Asked.Enqueue($"{host}:{port} {user}".Trim());
        await client.WriteAsync(new byte[] { 0, 90, 0, 0, 0, 0, 0, 0 });
        return port;
    }

    private static async Task<string> ReadTextAsync(Stream client)
    {
        var text = new StringBuilder();
        while ((await ReadAsync(client, 1))[0] is not 0 and byte next)
        {
            text.Append((char)next);
        }

        return text.ToString();
    }

    private static async Task<byte[]> ReadAsync(Stream client, int count)
    {
        byte[] bytes = new byte[count];
        await client.ReadExactlyAsync(bytes);
        return bytes;
    }

    private static Task WriteAsync(Stream client, string text) => client.WriteAsync(Encoding.Latin1.GetBytes(text)).AsTask();
}
