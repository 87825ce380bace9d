using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Wspy.Tool.Bench.Load;

namespace Wspy.Tool.Bench;

/// <summary><c>wspy bench</c>: its options, and what their values mean.</summary>
internal static class BenchCommand
{
    /// <summary>Rounds of a comparison: with five, one that was disturbed does not move the median.</summary>
    private const int RoundsOfComparison = 5;

    private const int MaxConnections = 1_000_000;
    private const int MaxSize = 1024 * 1024 * 1024;
    private const int MaxWindow = 100_000;

    public static Command Create()
    {
        Argument<Uri> server = new("url") { Description = "The server, such as ws://localhost:8000/. It sends every message back.", CustomParser = ParseServer };
        Option<int> connections = Number("--connections", "-c", "Connections that send messages.", 100, 0, MaxConnections);
        Option<int> idle = Number("--idle", null, "Connections that are opened and held beside those, and send nothing.", 0, 0, MaxConnections);
        Option<int> size = Number("--size", "-s", "Bytes of payload in each message.", 20, 0, MaxSize);
        Option<int> window = Number("--window", "-w", "The most messages of a connection that are under way at a time.", 1, 1, MaxWindow);
        Option<double> rate = Seconds("--rate", "-r", "Messages per second of all connections together, sent at their times whether or not the server keeps up; latencies count from those times. 0: the next message leaves when an echo is back.", "count", 0, 0);
        Option<double> duration = Seconds("--duration", "-d", "How many seconds are measured.", "seconds", 5, 0.01);
        Option<double> warmup = Seconds("--warmup", null, "How many seconds of load come before, and do not count.", "seconds", 1, 0);
        Option<bool> text = new("--text") { Description = "Send text of one-byte characters. The default." };
        Option<bool> utf8 = new("--utf8") { Description = "Send text of three-byte characters." };
        Option<bool> binary = new("--binary") { Description = "Send binary messages of random bytes." };
        Option<FileInfo> data = new("--data") { Description = "Cut the payloads from this file, one after another; it is text, or --binary.", HelpName = "file" };
        Option<bool> deflate = new("--deflate") { Description = "Compress with permessage-deflate: windows of 15 bits, and both ends keep their contexts." };
        Option<bool> deflateNoContext = new("--deflate-no-context") { Description = "The same, each message by itself." };
        Option<bool> verify = new("--verify") { Description = "Compare every byte that comes back, not just opcode and length." };
        Option<bool> handshakes = new("--handshakes") { Description = "Open connections instead, --connections at a time, and drop each when it is open." };
        Option<int> threads = Number("--threads", "-t", "Event loops of this program, each in a thread of its own.", 1, 1, 1024);
        Option<int[]> pid = new("--pid") { Description = "The server's process: its CPU time per message and its memory are reported too. With --compare, one for each server in turn.", HelpName = "pid", AllowMultipleArgumentsPerToken = true };
        Option<bool> insecure = new("--insecure", "-k") { Description = "Take any certificate of a wss:// server." };
        Option<Uri[]> compare = new("--compare") { Description = "More servers, that get the same load in turn.", HelpName = "url", AllowMultipleArgumentsPerToken = true, CustomParser = ParseServers };
        Option<int?> rounds = new("--rounds") { Description = $"How many times each server has its turn; the medians count. Default {RoundsOfComparison} with --compare, else 1.", HelpName = "count" };
        rounds.Validators.Add(result => MustBeWithin(result, 1, 10_000));
        Option<FileInfo> json = new("--json") { Description = "Write a report as JSON.", HelpName = "file" };
        Option<FileInfo> html = new("--html") { Description = "Write a report as one HTML page, with plots.", HelpName = "file" };
        foreach (Option<FileInfo> report in (Option<FileInfo>[])[json, html])
        {
            report.Validators.Add(MustHaveFolder);
        }

        Option<bool> quiet = new("--quiet", "-q") { Description = "Print one line for each server, at the end." };
        Command bench = new("bench", "Put load on a WebSocket echo server, and measure it.")
        {
            server, connections, idle, size, window, rate, duration, warmup, text, utf8, binary, data, deflate, deflateNoContext, verify, handshakes, threads, pid, insecure, compare, rounds, json, html, quiet,
        };
        bench.Validators.Add(result =>
        {
            // By what was written: values that cannot be read are told elsewhere, and defaults are filled in later.
            if (((Option[])[text, utf8, binary]).Count(option => result.GetResult(option) is not null) > 1)
            {
                result.AddError("--text, --utf8 and --binary do not go together.");
            }

            if (result.GetResult(data) is not null && result.GetResult(utf8) is not null)
            {
                result.AddError("--data and --utf8 do not go together.");
            }
            else if (result.GetResult(data)?.Tokens is [Token file] && BenchData.Mistake(file.Value, isText: result.GetResult(binary) is null) is { } mistake)
            {
                result.AddError(mistake);
            }

            if (result.GetResult(deflate) is not null && result.GetResult(deflateNoContext) is not null)
            {
                result.AddError("--deflate and --deflate-no-context do not go together.");
            }

            bool noConnections = Given(result, connections) == 0;
            if (result.GetResult(handshakes) is not null && (Given(result, rate) > 0 || noConnections))
            {
                result.AddError("--handshakes makes --connections of them at a time, at least 1, and has no --rate.");
            }
            else if (noConnections && (Given(result, idle) ?? 0) == 0)
            {
                result.AddError("--connections 0 needs --idle connections to hold.");
            }

            int servers = 1 + (result.GetResult(compare)?.Tokens.Count ?? 0);
            if (result.GetResult(pid)?.Tokens.Count is int pids && pids > servers)
            {
                result.AddError($"--pid is given {pids} times, for {servers} server{(servers == 1 ? "" : "s")}.");
            }
        });
        bench.SetAction((parsed, cancellationToken) =>
        {
            Uri[] others = parsed.GetValue(compare) ?? [];
            return BenchSession.RunAsync(
                new BenchSettings
                {
                    Servers = [parsed.GetValue(server)!, .. others],
                    Processes = parsed.GetValue(pid) ?? [],
                    Rounds = parsed.GetValue(rounds) ?? (others.Length > 0 ? RoundsOfComparison : 1),
                    Json = parsed.GetValue(json),
                    Html = parsed.GetValue(html),
                    Quiet = parsed.GetValue(quiet),
                    Workload = new Workload
                    {
                        Connections = parsed.GetValue(connections),
                        Idle = parsed.GetValue(idle),
                        Size = parsed.GetValue(size),
                        Window = parsed.GetValue(window),
                        Rate = parsed.GetValue(rate),
                        Duration = TimeSpan.FromSeconds(parsed.GetValue(duration)),
                        Warmup = TimeSpan.FromSeconds(parsed.GetValue(warmup)),
                        Payload = parsed.GetValue(binary) ? PayloadKind.Binary : parsed.GetValue(utf8) ? PayloadKind.Utf8 : PayloadKind.Text,
                        Data = parsed.GetValue(data) is { } file ? (ReadOnlyMemory<byte>?)File.ReadAllBytes(file.FullName) : null,
                        Deflate = parsed.GetValue(deflate) ? DeflateUse.Context : parsed.GetValue(deflateNoContext) ? DeflateUse.NoContext : DeflateUse.None,
                        Verify = parsed.GetValue(verify),
                        Handshakes = parsed.GetValue(handshakes),
                        Threads = parsed.GetValue(threads),
                        AcceptAnyCertificate = parsed.GetValue(insecure),
                    },
                },
                cancellationToken);
        });
        return bench;
    }

    private static Option<int> Number(string name, string? alias, string description, int normal, int least, int most)
    {
        Option<int> option = new(name, alias is null ? [] : [alias])
        {
            Description = description,
            HelpName = "count",
            DefaultValueFactory = _ => normal,
            CustomParser = result => (int)Parse(result, name, least, most, isWhole: true),
        };
        return option;
    }

    private static Option<double> Seconds(string name, string? alias, string description, string helpName, double normal, double least)
    {
        // A day of seconds; of messages in a second, more than a thread can send.
        double most = name == "--rate" ? 10_000_000 : 86_400;
        Option<double> option = new(name, alias is null ? [] : [alias])
        {
            Description = description,
            HelpName = helpName,
            DefaultValueFactory = _ => normal,
            CustomParser = result => Parse(result, name, least, most, isWhole: false),
        };
        return option;
    }

    private static double Parse(ArgumentResult result, string name, double least, double most, bool isWhole)
    {
        // NaN compares with nothing.
        string text = result.Tokens[0].Value;
        if (double.TryParse(text, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most && !(isWhole && number != Math.Truncate(number)))
        {
            return number;
        }

        result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes {least:#,0.##} to {most:N0}, not {text}."));
        return 0;
    }

    private static void MustBeWithin(OptionResult result, double least, double most)
    {
        // What is no number at all is told by the parser. NaN compares with nothing.
        if (result.Tokens.Count == 1 && double.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out double number) && !(number >= least && number <= most))
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{result.Option.Name} takes {least:#,0.##} to {most:N0}, not {result.Tokens[0].Value}."));
        }
    }

    private static double? Given(CommandResult result, Option option) =>
        result.GetResult(option)?.Tokens is [Token token] && double.TryParse(token.Value, CultureInfo.InvariantCulture, out double number) ? number : null;

    // Told at once, and not when all is measured.
    private static void MustHaveFolder(OptionResult result)
    {
        if (result.Tokens is [Token file] && Path.GetDirectoryName(Path.GetFullPath(file.Value)) is string folder && !Directory.Exists(folder))
        {
            result.AddError($"{result.Option.Name} cannot be written: there is no folder {folder}.");
        }
    }

    private static Uri? ParseServer(ArgumentResult result) => ParseServers(result) is [Uri only] ? only : null;

    private static Uri[] ParseServers(ArgumentResult result)
    {
        List<Uri> servers = [];
        foreach (Token token in result.Tokens)
        {
            if (Uri.TryCreate(token.Value, UriKind.Absolute, out Uri? uri) && uri.Scheme is "ws" or "wss" or "http" or "https" && uri.Fragment.Length == 0)
            {
                servers.Add(uri);
            }
            else
            {
                result.AddError($"A server's address is such as ws://localhost:8000/, not {token.Value}.");
            }
        }

        return [.. servers];
    }
}
