using System.Net.Security;
using System.Reflection;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using Wspy.Extensions;
using Wspy.Tool.Terminal;

namespace Wspy.Tool.Echo;

/// <summary>One run of the echo server: start, tell the addresses, wait for Ctrl-C, stop.</summary>
internal static class EchoSession
{
    /// <exception cref="System.Net.Sockets.SocketException">The address cannot be listened on.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The certificate file cannot be opened.</exception>
    public static void Run(EchoSettings settings)
    {
        using TerminalLoggerFactory loggers = Loggers(settings.Verbosity);
        (X509Certificate2? certificate, string? publicFile) = settings.Tls.Load();
        using X509Certificate2? disposed = certificate;
        ServerOptions options = Options(settings, certificate, loggers);
        ServerFacts facts = new($"Wspy {Version}", options.MaxMessageSize, settings.Subprotocols);
        using EchoServer server = new(settings.Engine, options, facts, loggers.CreateLogger(typeof(EchoServer).FullName!));

        server.Start();
        EchoBanner.Show(server.EndPoints, certificate is not null, publicFile, settings.Verbosity);
        server.Run();
        EchoBanner.ShowEnd(server.Connections, server.Messages, settings.Verbosity);
    }

    private static string Version =>
        typeof(Server).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    private static ServerOptions Options(EchoSettings settings, X509Certificate2? certificate, ILoggerFactory loggers)
    {
        ServerOptions options = new()
        {
            ListenOn = settings.ListenOn,
            Subprotocols = settings.Subprotocols,
            AllowedOrigins = settings.AllowedOrigins,
            Extensions = settings.OffersCompression ? [new DeflateMessage(), new DeflateFrame()] : [],
            Loops = settings.Loops,
            Poller = settings.Poller,

            // The handlers here do not block; what takes long is the runtime compiling them, or a machine that has other things to do.
            BlockedLoopThreshold = Timeout.InfiniteTimeSpan,
            LoggerFactory = loggers,
            Tls = certificate is null ? null : new SslServerAuthenticationOptions { ServerCertificate = certificate },
        };

        // Browsers send a message of any size in one frame.
        return settings.MaxMessageSize is { } size ? options with { MaxMessageSize = size, MaxFrameSize = size } : options;
    }

    // The library's own Information, start and stop, is what the banner says already.
    private static TerminalLoggerFactory Loggers(Verbosity verbosity) => verbosity switch
    {
        Verbosity.Quiet => new TerminalLoggerFactory(LogLevel.Warning, LogLevel.Warning),
        Verbosity.Verbose => new TerminalLoggerFactory(LogLevel.Debug, LogLevel.Debug),
        _ => new TerminalLoggerFactory(LogLevel.Information, LogLevel.Warning),
    };
}
