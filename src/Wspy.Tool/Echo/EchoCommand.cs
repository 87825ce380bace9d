using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Wspy.Handshake;
using Wspy.Tool.Terminal;
using Wspy.Tool.Tls;

namespace Wspy.Tool.Echo;

/// <summary><c>wspy echo</c>: its options, and what their values mean.</summary>
internal static class EchoCommand
{
    public const int DefaultPort = 8000;

    /// <summary>More threads than any machine has processors for; each loop holds half a megabyte.</summary>
    private const int MaxLoops = 1024;

    public static Command Create()
    {
        Option<IPAddress[]> host = new("--host")
        {
            Description = "An address to listen on: localhost, or an IP address of this machine; may be given several times. 0.0.0.0 lets other machines in.",
            HelpName = "address",
            DefaultValueFactory = _ => [IPAddress.Loopback],
            CustomParser = ParseHosts,
        };
        Option<int> port = new("--port", "-p")
        {
            Description = "The port to listen on; 0 takes any free one.",
            DefaultValueFactory = _ => DefaultPort,
        };
        port.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int number)
                && number is < IPEndPoint.MinPort or > IPEndPoint.MaxPort)
            {
                result.AddError($"--port takes 0–65535, not {number}.");
            }
        });
        Option<string[]> unix = new("--unix")
        {
            Description = "A Unix-domain socket to listen on, in the place of TCP unless --host or --port is given too: a path, or @ and a name of Linux's abstract namespace. May be given several times.",
            HelpName = "path",
        };
        unix.Validators.Add(result => Check(result, path => EchoSettings.ToAddress(path), "a path, or @ and a name, of at most 107 bytes"));
        Option<bool> inherited = new("--inherited")
        {
            Description = "Listen on the socket with which the process was started (systemd's socket activation), in the place of TCP unless --host or --port is given too.",
        };
        Option<int?> maxMessageSize = new("--max-message-size")
        {
            Description = "The largest message taken, in bytes; K and M count in 1024s, as in 10M. A larger one is refused with close code 1009. Without it, 64M.",
            HelpName = "size",
            CustomParser = ParseSize,
        };
        Option<string[]> subprotocols = new("--subprotocol")
        {
            Description = "A subprotocol to agree to; may be given several times. The client's first that is among them is agreed on.",
            HelpName = "name",
        };
        subprotocols.Validators.Add(result => Check(result, name => new ServerHandshakeOptions { Subprotocols = [name] }, "one name without spaces, commas and the like"));
        Option<string[]> origins = new("--origin")
        {
            Description = "An origin whose pages may connect, such as https://example.com, or * for any; may be given several times. " +
                "Without it, only this server's own page, and programs that are no browsers.",
            HelpName = "origin",
        };
        origins.Validators.Add(result => Check(result, origin => new ServerHandshakeOptions { AllowedOrigins = [origin] }, "such as https://example.com, or *"));
        Option<string> engine = new("--engine")
        {
            Description = "What serves the clients: event loops, for any number of them, or a thread for each.",
            DefaultValueFactory = _ => "loop",
        };
        engine.AcceptOnlyFromAmong("loop", "threads");
        Option<int> loops = new("--loops")
        {
            Description = "The number of event loops; 0, as without it, for one per processor.",
            HelpName = "count",
        };
        loops.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int number) && number is < 0 or > MaxLoops)
            {
                result.AddError($"--loops takes 0–{MaxLoops}, not {number}.");
            }
        });
        Option<string?> poller = new("--poller")
        {
            Description = "How event loops learn which clients are ready: Linux's epoll, or the platform's sockets. Without it, the best that the system has.",
        };
        poller.AcceptOnlyFromAmong("epoll", "portable");
        Option<bool> noCompression = new("--no-compression") { Description = "Offer neither permessage-deflate nor deflate-frame." };
        var tls = new TlsOptions("Serve https:// and wss://");
        Option<bool> quiet = new("--quiet", "-q") { Description = "Print the page's address and problems, nothing else." };
        Option<bool> verbose = new("--verbose", "-v") { Description = "Log at level Debug: each message, ping and pong too." };

        Command echo = new("echo", "Start an echo server, with a page that shows each message, ping and close.")
        {
            host, port, unix, inherited, engine, loops, poller, maxMessageSize, subprotocols, origins, noCompression,
        };
        tls.AddTo(echo);
        echo.Options.Add(quiet);
        echo.Options.Add(verbose);
        echo.Validators.Add(result =>
        {
            if (result.GetValue(quiet) && result.GetValue(verbose))
            {
                result.AddError("--quiet and --verbose do not go together.");
            }

            if (result.GetValue(engine) == "threads")
            {
                foreach (Option option in (Option[])[loops, poller])
                {
                    if (result.GetResult(option) is { Implicit: false })
                    {
                        result.AddError($"{option.Name} is for --engine loop.");
                    }
                }
            }
            else if (result.GetValue(poller) == "epoll" && !OperatingSystem.IsLinux())
            {
                result.AddError("Only Linux has --poller epoll.");
            }
        });
        echo.SetAction(parsed => Run(new EchoSettings
        {
            Hosts = HostsOf(parsed, host, IsGiven(parsed, host) || IsGiven(parsed, port) || !(IsGiven(parsed, unix) || parsed.GetValue(inherited))),
            Port = parsed.GetValue(port),
            UnixSockets = parsed.GetValue(unix) ?? [],
            IsInherited = parsed.GetValue(inherited),
            MaxMessageSize = parsed.GetValue(maxMessageSize),
            Subprotocols = parsed.GetValue(subprotocols) ?? [],
            AllowedOrigins = parsed.GetValue(origins) is { Length: > 0 } given ? given : null,
            Engine = parsed.GetValue(engine) == "threads" ? EchoEngine.Threads : EchoEngine.Loop,
            Loops = parsed.GetValue(loops),
            Poller = parsed.GetValue(poller) switch { "epoll" => PollerKind.Epoll, "portable" => PollerKind.Portable, _ => PollerKind.Auto },
            OffersCompression = !parsed.GetValue(noCompression),
            Tls = tls.Read(parsed),
            Verbosity = parsed.GetValue(quiet) ? Verbosity.Quiet : parsed.GetValue(verbose) ? Verbosity.Verbose : Verbosity.Normal,
        }));
        return echo;
    }

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static IPAddress[] HostsOf(ParseResult parsed, Option<IPAddress[]> host, bool listens) => listens ? parsed.GetValue(host)! : [];

    private static int Run(EchoSettings settings)
    {
        try
        {
            EchoSession.Run(settings);
            return 0;
        }
        catch (SocketException error)
        {
            Screen.Fail(Explain(error, settings));
        }
        catch (CryptographicException error)
        {
            Screen.Fail(settings.Tls.Explain(error));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException || (settings.IsInherited && error is InvalidOperationException))
        {
            Screen.Fail(error.Message);
        }

        return 1;
    }

    private static string Explain(SocketException error, EchoSettings settings) => (error.SocketErrorCode, settings.Hosts, settings.UnixSockets) switch
    {
        (SocketError.AddressAlreadyInUse, [], _) =>
            $"Another server listens on {string.Join(" or ", settings.UnixSockets)}. Stop it, or choose another path.",
        (SocketError.AddressAlreadyInUse, _, []) =>
            $"Port {settings.Port} is in use. Stop the program that has it, or choose another: wspy echo --port {NextPort(settings.Port)} (0 takes any free one).",
        (SocketError.AccessDenied, not [], []) =>
            $"Port {settings.Port} needs rights that you do not have. Choose one from 1024 up: wspy echo --port {DefaultPort}.",
        (SocketError.AddressNotAvailable, not [], []) =>
            $"{string.Join(" or ", settings.Hosts.AsEnumerable())} is not an address of this machine. Use --host 127.0.0.1, or 0.0.0.0 for all its addresses.",
        _ => error.Message,
    };

    private static int NextPort(int port) => port < IPEndPoint.MaxPort ? port + 1 : DefaultPort;

    // The library judges these where it takes them.
    private static void Check(OptionResult result, Func<string, object> take, string expected)
    {
        foreach (Token token in result.Tokens)
        {
            try
            {
                take(token.Value);
            }
            catch (ArgumentException)
            {
                result.AddError($"{result.Option.Name} takes {expected}, not {token.Value}.");
            }
        }
    }

    private static IPAddress[]? ParseHosts(ArgumentResult result)
    {
        var addresses = new List<IPAddress>();
        foreach (Token token in result.Tokens)
        {
            if (token.Value == "localhost")
            {
                addresses.Add(IPAddress.Loopback);
            }
            else if (IPAddress.TryParse(token.Value, out IPAddress? address))
            {
                addresses.Add(address);
            }
            else
            {
                result.AddError($"--host takes localhost or an IP address of this machine, not {token.Value}.");
                return null;
            }
        }

        return [.. addresses];
    }

    private static int? ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        long unit = char.ToUpperInvariant(text.Length > 0 ? text[^1] : ' ') switch { 'K' => 1024, 'M' => 1024 * 1024, _ => 1 };
        ReadOnlySpan<char> digits = unit == 1 ? text : text.AsSpan(0, text.Length - 1);
        if (int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int count) && count * unit is > 0 and <= int.MaxValue)
        {
            return (int)(count * unit);
        }

        result.AddError($"--max-message-size takes a number of bytes from 1 to {int.MaxValue:N0}, or such as 512K or 10M, not {text}.");
        return null;
    }
}
