using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Wspy.Conformance;
using Wspy.Tool.Tls;

namespace Wspy.Tool.Conform;

/// <summary><c>wspy conform</c>: its options, and what their values mean.</summary>
internal static class ConformCommand
{
    public static Command Create()
    {
        Argument<Uri?> target = new("url")
        {
            Description = "The server to test, such as ws://localhost:8000/. It should send every message back.",
            Arity = ArgumentArity.ZeroOrOne,
            CustomParser = ParseTarget,
        };
        Option<IPEndPoint?> listen = new("--listen", "-l")
        {
            Description = "Test a client: listen on this port (or address:port) until one has run its cases and says that it is done.",
            HelpName = "port",
            CustomParser = ParseEndPoint,
        };
        var tls = new TlsOptions("With --listen: speak TLS (wss://)");
        Option<string[]> only = new("--only", "-o") { Description = "Run only these: an id (5.1.12), a section (5), a group (5.1), or a glob (*.1.?); may be given several times.", HelpName = "cases", AllowMultipleArgumentsPerToken = true };
        Option<string[]> exclude = new("--exclude", "-x") { Description = "Leave these out; as for --only.", HelpName = "cases", AllowMultipleArgumentsPerToken = true };
        Option<int> parallel = new("--parallel", "-j") { Description = "How many cases run at once against a server.", HelpName = "count", DefaultValueFactory = _ => 8 };
        Option<double> patience = new("--timeout") { Description = "How many seconds an answer may take.", HelpName = "seconds", DefaultValueFactory = _ => 5 };
        foreach (Option number in (Option[])[parallel, patience])
        {
            number.Validators.Add(MustBePositive);
        }

        Option<bool> noEcho = new("--no-echo") { Description = "The peer does not send messages back: run only what needs no echo." };
        Option<bool> insecure = new("--insecure", "-k") { Description = "Take any certificate of a wss:// server." };
        Option<string[]> headers = new("--header", "-H") { Description = "Send this header with each opening request, such as 'Authorization: Basic …'.", HelpName = "line" };
        Option<FileInfo> expect = new("--expect") { Description = "Compare with a file of expected verdicts, and fail on any difference, for better or worse.", HelpName = "file" };
        expect.AcceptExistingOnly();
        Option<FileInfo> writeExpect = new("--write-expect") { Description = "Write such a file.", HelpName = "file" };
        Option<FileInfo> json = new("--json") { Description = "Write a report as JSON.", HelpName = "file" };
        Option<FileInfo> junit = new("--junit") { Description = "Write a report as JUnit XML.", HelpName = "file" };
        Option<FileInfo> html = new("--html") { Description = "Write a report as one HTML page, with all bytes and times.", HelpName = "file" };
        Option<bool> strict = new("--strict") { Description = "Count cases that are not strict as failed." };
        Option<bool> list = new("--list") { Description = "List the cases, and run none." };
        Command conform = new("conform", "Test a WebSocket server or client against the RFC.")
        {
            target, listen, only, exclude, parallel, patience, noEcho, insecure, headers, expect, writeExpect, json, junit, html, strict, list,
        };
        tls.AddTo(conform);
        conform.Validators.Add(result =>
        {
            // Whether they were given, and not what they are: the value of one that is wrong cannot be asked for, and its mistake has been told.
            bool server = result.GetResult(target) is { Tokens.Count: > 0 };
            bool client = result.GetResult(listen) is not null;
            if ((server && client) || !(server || client || result.GetValue(list)))
            {
                result.AddError("Give the URL of a server, or --listen and a port for clients.");
            }

            if (!client && result.GetResult(tls.Certificate) is not null)
            {
                result.AddError("--tls is for --listen; a server's URL says wss:// instead.");
            }

            if (Array.Exists(result.GetValue(headers) ?? [], line => !line.Contains(':', StringComparison.Ordinal)))
            {
                result.AddError("--header takes a name, a colon and a value.");
            }
        });
        conform.SetAction((parsed, cancellationToken) => ConformSession.RunAsync(
            new ConformSettings
            {
                Target = parsed.GetValue(target),
                Listen = parsed.GetValue(listen),
                Tls = tls.Read(parsed),
                Only = parsed.GetValue(only) ?? [],
                Exclude = parsed.GetValue(exclude) ?? [],
                Expect = parsed.GetValue(expect),
                WriteExpect = parsed.GetValue(writeExpect),
                Json = parsed.GetValue(json),
                JUnit = parsed.GetValue(junit),
                Html = parsed.GetValue(html),
                Strict = parsed.GetValue(strict),
                List = parsed.GetValue(list),
                Options = new SuiteOptions
                {
                    Parallel = parsed.GetValue(parallel),
                    Patience = TimeSpan.FromSeconds(parsed.GetValue(patience)),
                    PeerEchoes = !parsed.GetValue(noEcho),
                    AcceptAnyCertificate = parsed.GetValue(insecure),
                    Headers = [.. (parsed.GetValue(headers) ?? []).Select(line => line.Split(':', 2)).Select(parts => KeyValuePair.Create(parts[0].Trim(), parts[1].Trim()))],
                },
            },
            cancellationToken));
        return conform;
    }

    private static void MustBePositive(OptionResult result)
    {
        // What is no number at all is told by the parser.
        if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double number) && number <= 0)
        {
            result.AddError($"{result.Option.Name} takes a positive number, not {result.Tokens[0].Value}.");
        }
    }

    private static Uri? ParseTarget(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (Uri.TryCreate(text, UriKind.Absolute, out Uri? uri) && uri.Scheme is "ws" or "wss" or "http" or "https")
        {
            return uri;
        }

        result.AddError($"A server's address is such as ws://localhost:8000/, not {text}.");
        return null;
    }

    private static IPEndPoint? ParseEndPoint(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port))
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        if (text.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(text, out IPEndPoint? endPoint))
        {
            return endPoint;
        }

        result.AddError($"--listen takes a port, or address:port, not {text}.");
        return null;
    }
}
