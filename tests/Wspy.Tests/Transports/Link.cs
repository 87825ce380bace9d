using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace Wspy.Tests.Transports;

/// <summary>What two ends are connected by.</summary>
public enum LinkKind
{
    Memory,
    Tcp,
    Tls,

    /// <summary>Streams of the user's, which deliver and take a byte or a few at a time.</summary>
    Partial,
}

/// <summary>Two upgraded ends.</summary>
internal static class Link
{
    /// <summary>Longer than anything here takes, so that a test that hangs fails.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static TheoryData<LinkKind> All => [LinkKind.Memory, LinkKind.Tcp, LinkKind.Tls, LinkKind.Partial];

    public static SslClientAuthenticationOptions TrustingTls => new() { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == Certificates.Localhost.GetCertHashString() };

    public static SslServerAuthenticationOptions ServerTls => new() { ServerCertificate = Certificates.Localhost };

    public static async Task<(WebSocket Client, WebSocket Server)> OpenAsync(LinkKind kind, ClientOptions? clientOptions = null, ServerOptions? serverOptions = null)
    {
        clientOptions ??= new ClientOptions();
        serverOptions ??= new ServerOptions();
        switch (kind)
        {
            case LinkKind.Memory:
                return WebSocket.CreatePair(clientOptions, serverOptions);
            case LinkKind.Partial:
                (Stream client, Stream server) = Wspy.Transports.InMemoryStream.CreatePair();
                return await UpgradeAsync(new PartialStream(client, 1, 5000), new PartialStream(server, 2, 5000), clientOptions, serverOptions);
            default:
                (Socket near, Socket far) = await ConnectAsync();
                bool secure = kind == LinkKind.Tls;
                Task<WebSocket> accepting = WebSocket.AcceptAsync(far, serverOptions with { Tls = secure ? ServerTls : null }).AsTask();
                WebSocket connected = await WebSocket.ConnectAsync(near, new Uri(secure ? "wss://localhost/" : "ws://localhost/"), clientOptions with { Tls = secure ? TrustingTls : null }).AsTask().WaitAsync(Limit);
                return (connected, await accepting.WaitAsync(Limit));
        }
    }

    public static async Task<(WebSocket Client, WebSocket Server)> UpgradeAsync(Stream client, Stream server, ClientOptions? clientOptions = null, ServerOptions? serverOptions = null)
    {
        Task<WebSocket> accepting = WebSocket.AcceptAsync(server, serverOptions).AsTask();
        WebSocket connected = await WebSocket.ConnectAsync(client, new Uri("ws://localhost/"), clientOptions).AsTask().WaitAsync(Limit);
        return (connected, await accepting.WaitAsync(Limit));
    }

    /// <summary>Two connected TCP sockets.</summary>
    public static async Task<(Socket Near, Socket Far)> ConnectAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await near.ConnectAsync(listener.LocalEndPoint!);
        return (near, await listener.AcceptAsync());
    }

    /// <summary>Runs what blocks on a thread of its own.</summary>
    public static Task<T> OnThread<T>(Func<T> work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(Limit);

    public static Task OnThread(Action work) => OnThread(() =>
    {
        work();
        return 0;
    });
}
