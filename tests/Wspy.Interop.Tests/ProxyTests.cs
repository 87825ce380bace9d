using System.Net;
using System.Net.Security;
using Wspy.Handshake;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests;

/// <summary>Wspy's three clients through other people's proxies, to Wspy's servers, plain and over TLS.</summary>
public sealed class ProxyTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TestCertificate _certificate = new();

    public void Dispose() => _certificate.Dispose();

    [Theory]
    [InlineData("basic")]
    [InlineData("digest")]
    public async Task Squid_lets_in_who_knows_the_password(string scheme)
    {
        Requirement.Need(Requirement.Squid);
        await using ProxyProcess proxy = await ProxyProcess.SquidAsync(scheme);
        await PassAsync(proxy, "http");
        await AssertRefusedAsync(proxy, "http");
    }

    [Fact]
    public async Task Tinyproxy_lets_in_who_knows_the_password()
    {
        Requirement.Need(Requirement.Tinyproxy);
        await using ProxyProcess proxy = await ProxyProcess.TinyproxyAsync();
        await PassAsync(proxy, "http");
        await AssertRefusedAsync(proxy, "http");
    }

    [Fact]
    public async Task Microsocks_lets_in_who_knows_the_password()
    {
        Requirement.Need(Requirement.Microsocks);
        await using ProxyProcess proxy = await ProxyProcess.MicrosocksAsync();
        await PassAsync(proxy, "socks5");
        await AssertRefusedAsync(proxy, "socks5");
    }

    [Theory]
    [InlineData("socks5")]
    [InlineData("socks5h")]
    [InlineData("socks4")]
    public async Task Dante_lets_everybody_in(string scheme)
    {
        Requirement.Need(Requirement.Dante);
        await using ProxyProcess proxy = await ProxyProcess.DanteAsync();
        await PassAsync(proxy, scheme);
    }

    private static async Task AssertRefusedAsync(ProxyProcess proxy, string scheme)
    {
        foreach ((ICredentials? credentials, ProxyFailure failure) in new (ICredentials?, ProxyFailure)[]
        {
            (new NetworkCredential(ProxyProcess.User, "wrong"), ProxyFailure.CredentialsRefused),
            (null, ProxyFailure.CredentialsRequired),
        })
        {
            var options = new ClientOptions { Proxy = new WebProxy($"{scheme}://127.0.0.1:{proxy.Port}") { Credentials = credentials }, ConnectTimeout = Patience };
            ProxyException refused = await Assert.ThrowsAsync<ProxyException>(async () => await WebSocket.ConnectAsync("ws://localhost:9/", options));
            Assert.Equal(failure, refused.Failure);
        }
    }

    private async Task PassAsync(ProxyProcess proxy, string scheme)
    {
        using var plain = new Echo(new ServerOptions { Port = 0 });
        using var secure = new Echo(new ServerOptions { Port = 0, Tls = new SslServerAuthenticationOptions { ServerCertificate = _certificate.Certificate } });
        plain.Start();
        secure.Start();
        var options = new ClientOptions
        {
            Proxy = new WebProxy($"{scheme}://127.0.0.1:{proxy.Port}") { Credentials = new NetworkCredential(ProxyProcess.User, ProxyProcess.Password) },
            Tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate!.GetCertHashString() == _certificate.Certificate.GetCertHashString() },
            ConnectTimeout = Patience,
            HandshakeTimeout = Patience,
        };
        try
        {
            foreach (string url in new[] { $"ws://localhost:{plain.EndPoint.Port}/", $"wss://localhost:{secure.EndPoint.Port}/" })
            {
                await Task.Factory.StartNew(() => EchoBlocking(url, options), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).WaitAsync(Patience);
                await EchoAsync(url, options);
                await EchoOnLoopAsync(url, options);
            }
        }
        catch (WspyException exception)
        {
            Assert.Fail($"{exception}{Environment.NewLine}{proxy.Output}");
        }
    }

    private static void EchoBlocking(string url, ClientOptions options)
    {
        using Connection connection = Connection.Connect(url, options);
        connection.Send(new string('x', 200_000));
        Assert.Equal(200_000, connection.Receive()!.Payload.Length);
        connection.Close();
    }

    private static async Task EchoAsync(string url, ClientOptions options)
    {
        await using Connection connection = await Connection.ConnectAsync(url, options);
        await connection.SendAsync(new string('x', 200_000));
        Assert.Equal(200_000, (await connection.ReceiveAsync().AsTask().WaitAsync(Patience))!.Payload.Length);
        await connection.CloseAsync();
    }

    private static async Task EchoOnLoopAsync(string url, ClientOptions options)
    {
        await using var connection = new Looping();
        await connection.ConnectAsync(url, options);
        await connection.SendAsync(new string('x', 200_000));
        Assert.Equal(200_000, await connection.Received.Task.WaitAsync(Patience));
        await connection.CloseAsync();
    }

    private sealed class Echo(ServerOptions options) : AsyncServer(options)
    {
        protected override void OnMessage(Client client, MessageView message) => client.Send(message);
    }

    private sealed class Looping : AsyncConnection
    {
        public TaskCompletionSource<int> Received { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        protected override void OnMessage(MessageView message) => Received.TrySetResult(message.Payload.Length);
    }
}
