using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Wspy.Extensions;
using Wspy.Tool.Bench.Epoll;
using Wspy.Tool.Bench.Load;
using Wspy.Tool.Bench.Portable;

namespace Wspy.Tool.Tests.Bench;

/// <summary>Both ways to put load on a server, by what the server sees and what they count.</summary>
public class LoadDriverTests
{
    private static readonly Workload Short = new()
    {
        Connections = 4, Window = 3, Size = 100, Verify = true, Warmup = TimeSpan.Zero, Duration = TimeSpan.FromMinutes(5),
    };

    public static TheoryData<bool> Both => [false, true];

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false, 0, PayloadKind.Text)]
    [InlineData(false, 20, PayloadKind.Utf8)]
    [InlineData(false, 200_000, PayloadKind.Binary)]
    [InlineData(true, 0, PayloadKind.Text)]
    [InlineData(true, 20, PayloadKind.Utf8)]
    [InlineData(true, 200_000, PayloadKind.Binary)]
    internal async Task Every_message_comes_back_and_is_counted(bool portable, int size, PayloadKind kind)
    {
        using TestServer server = new();

        LoadDriver driver = await RunAsync(portable, server, Short with { Size = size, Payload = kind });

        Assert.Equal(4, server.Connections);
        Assert.Equal(driver.Count, driver.Latencies.Count);
        Assert.InRange(driver.Count, 1, server.Messages);
        // What is missing was under way at the end.
        Assert.InRange(server.Messages - driver.Count, 0, 4 * 3);
        Assert.Equal(0, driver.Unanswered);
    }

    [Fact]
    public async Task Large_echoes_that_nobody_looks_at_are_counted_too()
    {
        using TestServer server = new();

        LoadDriver driver = await RunAsync(portable: false, server, Short with { Size = 3_000_000, Window = 2, Verify = false }, messages: 30);

        Assert.InRange(driver.Count, 1, server.Messages);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(false, 3)]
    [InlineData(true, 1)]
    public async Task The_connections_are_divided_and_idle_ones_only_held(bool portable, int threads)
    {
        using TestServer server = new();

        LoadDriver driver = await RunAsync(portable, server, Short with { Connections = 5, Idle = 7, Threads = threads });

        Assert.Equal(12, server.Connections);
        Assert.InRange(driver.Count, 1, server.Messages);
    }

    [Theory]
    [InlineData(false, DeflateUse.Context, 100)]
    [InlineData(false, DeflateUse.NoContext, 100)]
    [InlineData(false, DeflateUse.Context, 70_000)]
    [InlineData(true, DeflateUse.Context, 1000)]
    [InlineData(true, DeflateUse.NoContext, 1000)]
    internal async Task Compressed_messages_come_back_compressed_and_the_same(bool portable, DeflateUse use, int size) // RFC 7692
    {
        using TestServer server = new(extensions: [new DeflateMessage(new DeflateMessageOptions { Threshold = 0 })]);
        byte[] data = [.. Enumerable.Range(0, 10_000).Select(i => (byte)('a' + (i * i % 23)))];

        LoadDriver driver = await RunAsync(portable, server, Short with { Size = size, Data = data, Deflate = use });
        LoadDriver unseeing = await RunAsync(portable, server, Short with { Size = size, Data = data, Deflate = use, Verify = false });

        Assert.InRange(driver.Count + unseeing.Count, 2, server.Messages);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_server_that_does_not_compress_as_it_should_is_told(bool portable)
    {
        using TestServer plain = new();
        using TestServer forgetful = new(extensions: [new DeflateMessage(new DeflateMessageOptions { ServerContextTakeover = false })]);
        Workload workload = Short with { Deflate = DeflateUse.Context };

        Assert.Contains("agreed to nothing, where both ends were to keep a context", await FailureAsync(portable, plain.Url, workload), StringComparison.Ordinal);
        Assert.Contains("agreed to permessage-deflate; server_no_context_takeover, where both ends", await FailureAsync(portable, forgetful.Url, workload), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_changed_byte_is_found_in_what_was_compressed(bool portable)
    {
        using TestServer server = new(extensions: [new DeflateMessage(new DeflateMessageOptions { Threshold = 0 })])
        {
            Instead = (client, message) =>
            {
                byte[] payload = message.Payload.ToArray();
                payload[42] ^= 1;
                client.Send(payload, Opcode.Text);
            },
        };

        Assert.Contains("An echo differs from what was sent: byte 42 of 100 is 0x", await FailureAsync(portable, server.Url, Short with { Deflate = DeflateUse.Context }), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task An_open_loop_sends_what_is_due_and_no_more(bool portable)
    {
        using TestServer server = new();

        LoadDriver driver = await RunAsync(portable, server, Short with { Rate = 500, Duration = TimeSpan.FromSeconds(1) }, messages: long.MaxValue);

        // 500 are due in the second, and one at its start; how many of them a busy machine gets done is its affair.
        Assert.InRange(server.Messages, 1, 501);
        Assert.InRange(driver.Count + driver.Unanswered, driver.Count, 501);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Messages_that_are_held_up_are_counted_as_unanswered(bool portable)
    {
        using TestServer server = new() { Instead = (_, _) => { } };

        LoadDriver driver = await RunAsync(portable, server, Short with { Rate = 200 }, messages: 4 * 3);

        Assert.Equal(0, driver.Count);
        Assert.Equal(4 * 3, server.Messages);
        Assert.InRange(driver.Unanswered, 4 * 3, long.MaxValue);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Handshakes_are_made_one_after_another(bool portable)
    {
        using TestServer server = new();

        LoadDriver driver = await RunAsync(portable, server, Short with { Handshakes = true, Connections = 2 }, connections: 20);

        Assert.InRange(driver.Latencies.Count, 3, long.MaxValue);
        Assert.Equal(0, server.Messages);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task Pings_are_answered_and_fragments_joined(bool portable) // RFC 6455 §5.4, §5.5.2
    {
        using TestServer server = new()
        {
            Instead = (client, message) =>
            {
                client.SendPing("there?"u8);
                client.Send(message, fragmentSize: 7);
            },
        };

        // A server of this library ends connections on which an answer breaks a rule.
        LoadDriver driver = await RunAsync(portable, server, Short);

        Assert.InRange(driver.Count, 1, server.Messages);
        Assert.Equal(4, server.Connections);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_changed_byte_is_found_where_that_is_asked_for(bool portable)
    {
        using TestServer server = new()
        {
            Instead = (client, message) =>
            {
                byte[] payload = message.Payload.ToArray();
                payload[42] ^= 1;
                client.Send(payload, Opcode.Text);
            },
        };

        Assert.Contains("An echo differs from what was sent: byte 42 of 100 is 0x", await FailureAsync(portable, server.Url, Short), StringComparison.Ordinal);
        LoadDriver unseeing = await RunAsync(portable, server, Short with { Verify = false });
        Assert.InRange(unseeing.Count, 1, server.Messages);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_server_that_closes_ends_the_run(bool portable)
    {
        using TestServer server = new() { Instead = (client, _) => client.Close(CloseCode.PolicyViolation, "enough") };

        string failure = await FailureAsync(portable, server.Url, Short with { Duration = TimeSpan.FromMinutes(5), Threads = 2 });

        Assert.Matches("closed a connection.*1008.*enough", failure);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_server_that_drops_the_connection_ends_the_run(bool portable)
    {
        using TestServer server = new() { Instead = (client, _) => client.Abort() };

        Assert.Matches("lost|closed|ended", await FailureAsync(portable, server.Url, Short));
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_message_that_nobody_sent_is_no_echo(bool portable)
    {
        byte[] payload = FrameTemplate.Create(Short).Payloads[0];
        using TestServer server = new()
        {
            Instead = (client, message) =>
            {
                for (int i = 0; i < 5; i++)
                {
                    client.Send(message);
                }
            },
        };

        Assert.Contains("the echo of none", await FailureAsync(portable, server.Url, Short with { Window = 1 }), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_refusal_is_told_with_its_status(bool portable)
    {
        using TestServer server = new() { Refusal = HttpResponse.Text(403, "No.\n") };

        Assert.Contains("refused: The server answered with status 403", await FailureAsync(portable, server.Url, Short), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_port_on_which_nobody_listens_is_told(bool portable)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)socket.LocalEndPoint!).Port;

        foreach (string host in (string[])["127.0.0.1", "localhost"])
        {
            string failure = await FailureAsync(portable, new Uri($"ws://{host}:{port}/"), Short);
            Assert.Contains("cannot be reached:", failure, StringComparison.Ordinal);
            Assert.Contains("Connection refused", failure, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Both))]
    public async Task A_server_that_never_answers_the_request_is_told(bool portable)
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();

        Assert.Matches("10|0\\.2", await FailureAsync(portable, new Uri($"ws://{listener.LocalEndpoint}/"), Short with { Patience = TimeSpan.FromSeconds(0.2) }));
    }

    [Fact]
    public async Task TLS_with_a_certificate_of_its_own_needs_leave()
    {
        using TestServer server = new(TestServer.SelfSigned());

        Assert.Contains("--insecure takes any certificate", await FailureAsync(LoadDriver.Create(server.Url, Short)), StringComparison.Ordinal);

        Workload insecure = Short with { AcceptAnyCertificate = true };
        using var driver = LoadDriver.Create(server.Url, insecure);
        await RunAsync(driver, server, insecure);
        Assert.Equal("portable", driver.Name);
        Assert.InRange(driver.Count, 1, server.Messages);
    }

    private static LoadDriver Create(bool portable, Uri server, Workload workload)
    {
        if (portable)
        {
            return new PortableDriver(server, workload);
        }

        Assert.SkipUnless(EpollDriver.IsSupported, "Only 64-bit Linux has this epoll.");
        return new EpollDriver(server, workload);
    }

    // Until the server has seen so much, and not for a time: a busy machine takes longer.
    private static async Task<LoadDriver> RunAsync(bool portable, TestServer server, Workload workload, long messages = 100, int connections = int.MaxValue)
    {
        using LoadDriver driver = Create(portable, server.Url, workload);
        await RunAsync(driver, server, workload, messages, connections);
        return driver;
    }

    private static async Task RunAsync(LoadDriver driver, TestServer server, Workload workload, long messages = 100, int connections = int.MaxValue)
    {
        // Not disposed: the server may still be about to cancel it once more.
        CancellationTokenSource stop = new();
        server.Counted = (seen, opened) =>
        {
            if (seen >= messages || opened >= connections)
            {
                stop.Cancel();
            }
        };
        await driver.OpenAsync(Cancelled);
        await driver.RunAsync(LoadWindow.Starting(Stopwatch.GetTimestamp(), workload), stop.Token);
        server.Counted = null;
    }

    private static Task<string> FailureAsync(bool portable, Uri server, Workload workload) => FailureAsync(Create(portable, server, workload), workload);

    private static async Task<string> FailureAsync(LoadDriver driver, Workload? workload = null)
    {
        using (driver)
        {
            LoadException error = await Assert.ThrowsAsync<LoadException>(async () =>
            {
                await driver.OpenAsync(Cancelled);
                await driver.RunAsync(LoadWindow.Starting(Stopwatch.GetTimestamp(), workload ?? Short), Cancelled);
            });
            return error.Message;
        }
    }
}
