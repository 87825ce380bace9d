using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wspy.Extensions;

namespace Wspy.Tool.Tests.Bench;

/// <summary>An echo server in this process that can be made to do something else.</summary>
internal sealed class TestServer : Server
{
    private long _messages;
    private int _connections;

    public TestServer(SslServerAuthenticationOptions? tls = null, IReadOnlyList<Extension>? extensions = null)
        : base(new ServerOptions { Port = 0, Tls = tls, Extensions = extensions ?? [] })
    {
        Scheme = tls is null ? "ws" : "wss";
        Start();
    }

    /// <summary>What is done with a message, in the place of its echo.</summary>
    public Action<Client, Message>? Instead { get; init; }

    public HttpResponse? Refusal { get; init; }

    /// <summary>Called with the number of messages, and with that of connections, whenever one of them grows.</summary>
    public Action<long, int>? Counted { get; set; }

    public long Messages => Interlocked.Read(ref _messages);

    public int Connections => Volatile.Read(ref _connections);

    public Uri Url => new($"{Scheme}://{EndPoint}/");

    private string Scheme { get; }

    public static SslServerAuthenticationOptions SelfSigned()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        // Some systems can serve TLS only with a key that was imported.
        return new SslServerAuthenticationOptions { ServerCertificate = X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pfx), null) };
    }

    protected override UpgradeAnswer OnUpgrade(HttpRequestHead request) => Refusal;

    protected override void OnOpen(Client client)
    {
        int connections = Interlocked.Increment(ref _connections);
        Counted?.Invoke(Messages, connections);
    }

    protected override void OnMessage(Client client, MessageView message)
    {
        long messages = Interlocked.Increment(ref _messages);
        Counted?.Invoke(messages, Connections);
        if (Instead is null)
        {
            client.Send(message);
        }
        else
        {
            Instead(client, message.ToMessage());
        }
    }
}
