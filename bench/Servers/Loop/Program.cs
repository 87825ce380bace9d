// AsyncServer as an echo server and nothing else. Arguments: a port, the number of loops, and --certificate FILE for TLS,
// --deflate to compress every message with the defaults, --level N to do so at that level, --write-certificate FILE to make one and end, --memory to print what idle clients take.
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Wspy;
using Wspy.Extensions;

if (Value("--write-certificate") is { } target)
{
    using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
    using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(7));
    File.WriteAllBytes(target, made.Export(X509ContentType.Pfx));
    return;
}

var options = new ServerOptions
{
    Port = int.Parse(args[0]),
    Loops = int.Parse(args[1]),
    MaxConnections = 100_000,
    Backlog = 4096,
    Extensions = args.Contains("--deflate") ? [new DeflateMessage(Every(Value("--level")))] : [],
    Tls = Value("--certificate") is { } file ? new SslServerAuthenticationOptions { ServerCertificate = X509CertificateLoader.LoadPkcs12FromFile(file, null) } : null,
};
using var server = new EchoServer(options);
if (args.Contains("--memory"))
{
    using var timer = new Timer(_ => Console.WriteLine($"{server.Clients.Count} {GC.GetTotalMemory(forceFullCollection: true)}"), null, 1000, 1000);
    server.Run();
}
else
{
    server.Run();
}

static DeflateMessageOptions Every(string? level)
{
    var every = new DeflateMessageOptions { Threshold = 0, KeepsGrownResults = true };
    return level is null ? every : every with { Level = int.Parse(level) };
}

string? Value(string name) => Array.IndexOf(args, name) is >= 0 and int index && index + 1 < args.Length ? args[index + 1] : null;

internal sealed class EchoServer(ServerOptions options) : AsyncServer(options)
{
    protected override void OnMessage(Client client, MessageView message) => client.Send(message);
}
