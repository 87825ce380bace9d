// Kestrel's WebSocket as an echo server, to compare with: no logging, 64 KiB at a time.
// Arguments: a port; the file of a certificate for TLS, or --deflate to take permessage-deflate.
using System.Net;
using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;

bool deflate = args.Contains("--deflate");
WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.UseKestrelHttpsConfiguration();
builder.WebHost.ConfigureKestrel(options => options.Listen(IPAddress.Loopback, int.Parse(args[0]), listen =>
{
    if (args.Length > 1 && !deflate)
    {
        listen.UseHttps(X509CertificateLoader.LoadPkcs12FromFile(args[1], null));
    }
}));
WebApplication application = builder.Build();
application.UseWebSockets();
application.Run(async context =>
{
    using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { DangerousEnableCompression = deflate });
    byte[] buffer = new byte[64 * 1024];
    while (true)
    {
        ValueWebSocketReceiveResult received = await socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None);
        if (received.MessageType == WebSocketMessageType.Close)
        {
            return;
        }

        await socket.SendAsync(buffer.AsMemory(0, received.Count), received.MessageType, received.EndOfMessage, CancellationToken.None);
    }
});
application.Run();
