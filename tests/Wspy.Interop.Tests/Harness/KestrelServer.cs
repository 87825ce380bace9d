using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Wspy.Interop.Tests.Harness;

/// <summary>An echo server on the platform's web server; a plain request is answered with a page.</summary>
internal sealed class KestrelServer : EchoServer
{
    /// <summary>The page's title.</summary>
    public const string Title = "A page of Kestrel";

    private readonly WebApplication _app;
    private readonly PeerServerOptions _options;

    private KestrelServer(PeerServerOptions options)
    {
        _options = options;
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (options.Certificate is { } certificate)
            {
                listen.UseHttps(certificate.Certificate);
            }
        }));
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(HandleAsync);
    }

    public override int Port => new Uri(_app.Urls.First()).Port;

    public static async Task<EchoServer> StartAsync(PeerServerOptions options)
    {
        var server = new KestrelServer(options);
        await server._app.StartAsync();
        return server;
    }

    public override ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task HandleAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.ContentType = "text/html; charset=utf-8";
            await context.Response.WriteAsync($"<!DOCTYPE html><title>{Title}</title>");
            return;
        }

        string? subprotocol = _options.Subprotocols.FirstOrDefault(context.WebSockets.WebSocketRequestedProtocols.Contains);
        using System.Net.WebSockets.WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = subprotocol,
            DangerousEnableCompression = _options.Compress || _options.Deflate is not null,
            DisableServerContextTakeover = _options.Deflate is { ServerNoContextTakeover: true },
            ServerMaxWindowBits = _options.Deflate is { ServerMaxWindowBits: > 0 and int bits } ? bits : 15,
        });
        Events.Add(new PeerEvent("open", context.Request.Path, context.Request.Headers.Origin.ToString(), subprotocol ?? "", context.Response.Headers.SecWebSocketExtensions.ToString()));
        try
        {
            await EchoAsync(socket, context.RequestAborted);
            Events.Add(new PeerEvent("close", Code: (int)(socket.CloseStatus ?? 0), Reason: socket.CloseStatusDescription ?? ""));
        }
        catch (WebSocketException e)
        {
            Events.Add(new PeerEvent("error", Message: e.Message));
        }
    }

    /// <summary>Sends each fragment back as it arrives, as a fragment.</summary>
    private static async Task EchoAsync(System.Net.WebSockets.WebSocket socket, CancellationToken cancellationToken)
    {
        var buffer = new byte[65536];
        while (true)
        {
            ValueWebSocketReceiveResult result = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (result.MessageType == WebSocketMessageType.Close)
            {
                await socket.CloseOutputAsync(socket.CloseStatus ?? WebSocketCloseStatus.NormalClosure, socket.CloseStatusDescription, cancellationToken);
                return;
            }

            await socket.SendAsync(buffer.AsMemory(0, result.Count), result.MessageType, result.EndOfMessage, cancellationToken);
        }
    }
}
