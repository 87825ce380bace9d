using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Wspy.Conformance.Tests.Clients;

/// <summary>The control protocol, as drivers use it and misuse it.</summary>
public sealed class ClientSuiteTests
{
    private static readonly IReadOnlyList<ConformanceCase> Few = [.. ConformanceCatalogue.All.Where(@case => @case.Id is "1.1.1" or "2.1.1" or "7.1.1")];

    [Fact]
    public async Task A_case_that_the_client_does_not_come_for_has_failed()
    {
        await using var suite = new ClientSuite(Few, new IPEndPoint(IPAddress.Loopback, 0));
        Task<SuiteResult> running = suite.RunAsync(TestContext.Current.CancellationToken);
        await RunCaseAsync(suite, "2.1.1");
        Assert.Contains("2 failed", await AskAsync(suite, "/done?agent=x"), StringComparison.Ordinal);
        SuiteResult result = await running;
        Assert.Equal([Verdict.Failed, Verdict.Passed, Verdict.Failed], result.Results.Select(item => item.Verdict));
        Assert.Equal("the client did not come for this case", result.Results[0].Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_may_take_its_time_to_give_up_a_large_head(bool resets)
    {
        ConformanceCase[] cases = [.. ConformanceCatalogue.All.Where(@case => @case.Id == "10.30.5")];
        await using var suite = new ClientSuite(cases, new IPEndPoint(IPAddress.Loopback, 0), BusyMachine.Options);
        suite.Start();
        using (var client = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            await client.ConnectAsync(suite.EndPoint, TestContext.Current.CancellationToken);
            await client.SendAsync("GET /case?id=10.30.5&agent=x HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"u8.ToArray(), SocketFlags.None, TestContext.Current.CancellationToken);

            // Until it is asked whether it has gone on: the ping behind the head.
            byte[] ping = [.. "\r\n\r\n"u8, 0x89, 5, .. "open?"u8];
            var received = new List<byte>();
            byte[] buffer = new byte[4096];
            while (System.Runtime.InteropServices.CollectionsMarshal.AsSpan(received).IndexOf(ping) < 0)
            {
                int count = await client.ReceiveAsync(buffer, SocketFlags.None, TestContext.Current.CancellationToken);
                Assert.NotEqual(0, count);
                received.AddRange(buffer.AsSpan(0, count));
            }

            client.LingerState = new LingerOption(resets, 0);
        }

        Assert.Equal("informational\nthe client does not take 100 headers", await AskAsync(suite, "/result?id=10.30.5&agent=x"));
    }

    [Fact]
    public async Task A_run_ends_when_the_client_stays_away()
    {
        await using var suite = new ClientSuite(Few, new IPEndPoint(IPAddress.Loopback, 0), new SuiteOptions { Absence = TimeSpan.FromMilliseconds(300) });
        Task<SuiteResult> running = suite.RunAsync(TestContext.Current.CancellationToken);
        await RunCaseAsync(suite, "1.1.1");
        SuiteResult result = await running;
        Assert.Equal("x", result.Peer);
        Assert.Equal([Verdict.Passed, Verdict.Failed, Verdict.Failed], result.Results.Select(item => item.Verdict));
    }

    [Fact]
    public async Task A_driver_that_crashed_goes_on_behind_the_case_that_it_crashed_on()
    {
        await using var suite = new ClientSuite(Few, new IPEndPoint(IPAddress.Loopback, 0));
        suite.Start();
        Assert.Equal("1.1.1\n2.1.1\n7.1.1", await AskAsync(suite, "/cases?agent=x"));
        WebSocket crashing = WebSocket.Connect($"{suite.Url}/case?id=1.1.1&agent=x");
        crashing.Abort();
        Assert.Equal("2.1.1\n7.1.1", await AskAsync(suite, "/cases?agent=x"));
        Assert.StartsWith("failed\n", await AskAsync(suite, "/result?id=1.1.1&agent=x"), StringComparison.Ordinal);
        await RunCaseAsync(suite, "1.1.1");
        Assert.StartsWith("passed", await AskAsync(suite, "/result?id=1.1.1&agent=x"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agents_are_told_apart()
    {
        await using var suite = new ClientSuite(Few, new IPEndPoint(IPAddress.Loopback, 0));
        suite.Start();
        await RunCaseAsync(suite, "1.1.1");
        Assert.Equal("1.1.1\n2.1.1\n7.1.1", await AskAsync(suite, "/cases?agent=y"));
        Assert.Equal("3", await AskAsync(suite, "/count"));
        Assert.Null(suite.ResultOf("z"));
    }

    [Fact]
    public async Task Cases_that_must_be_alone_are_offered_last()
    {
        await using var suite = new ClientSuite(ConformanceCatalogue.All, new IPEndPoint(IPAddress.Loopback, 0));
        suite.Start();
        Dictionary<string, bool> alone = suite.Cases.ToDictionary(@case => @case.Id, @case => @case.Alone);
        bool[] offered = [.. (await AskAsync(suite, "/cases?agent=x")).Split('\n').Select(id => alone[id])];
        Assert.Equal(suite.Cases.Count, offered.Length);
        Assert.Equal(offered.Order(), offered);
        Assert.Contains(true, offered);
    }

    [Fact]
    public async Task A_case_that_must_be_alone_begins_when_the_others_have_ended()
    {
        ConformanceCase[] cases = [.. ConformanceCatalogue.All.Where(@case => @case.Id is "1.1.2" or "9.5.2")];
        await using var suite = new ClientSuite(cases, new IPEndPoint(IPAddress.Loopback, 0), new SuiteOptions { Patience = TimeSpan.FromMilliseconds(300) });
        suite.Start();

        // A client that takes its first frame and stops: the case goes on until the suite's patience is over.
        using var first = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await first.ConnectAsync(suite.EndPoint);
        await first.SendAsync("GET /case?id=1.1.2&agent=x HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"u8.ToArray());
        byte[] buffer = new byte[4096];
        int count = 0;
        while (!buffer.AsSpan(0, count).EndsWith((byte[])[0x81, 0x01, (byte)' ']))
        {
            int read = await first.ReceiveAsync(buffer.AsMemory(count), TestContext.Current.CancellationToken);
            Assert.NotEqual(0, read);
            count += read;
        }

        await using Connection alone = await Connection.ConnectAsync($"{suite.Url}/case?id=9.5.2&agent=x", Options, TestContext.Current.CancellationToken);
        await alone.ReceiveAsync(TestContext.Current.CancellationToken);

        // Else there is neither an end nor anything else to read on the first connection, and this throws.
        first.Blocking = false;
        Assert.Equal(0, first.Receive(buffer));
    }

    [Fact]
    public async Task Unknown_paths_and_cases_are_not_found()
    {
        await using var suite = new ClientSuite(Few, new IPEndPoint(IPAddress.Loopback, 0));
        suite.Start();
        foreach (string path in (string[])["/", "/case?id=9.9.9", "/case", "/result?id=1.1.1&agent=x", "/x"])
        {
            HandshakeException refusal = await Assert.ThrowsAsync<HandshakeException>(() => AskAsync(suite, path));
            Assert.Equal(404, refusal.StatusCode);
        }
    }

    [Fact]
    public async Task Cases_run_over_TLS()
    {
        using RSA key = RSA.Create(2048);
        using X509Certificate2 certificate = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        await using var suite = new ClientSuite(Few, new IPEndPoint(IPAddress.Loopback, 0), tls: new SslServerAuthenticationOptions { ServerCertificate = certificate });
        Task<SuiteResult> running = suite.RunAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("wss://", suite.Url, StringComparison.Ordinal);
        await RunCaseAsync(suite, "1.1.1");
        await RunCaseAsync(suite, "7.1.1");
        await AskAsync(suite, "/done?agent=x");
        SuiteResult result = await running;
        Assert.Equal(["1.1.1 passed", "2.1.1 failed: the client did not come for this case", "7.1.1 passed"], result.Results.Select(item => $"{item}"));
    }

    private static ClientOptions Options => new()
    {
        Tls = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, certificate, _, _) => certificate?.Subject == "CN=localhost" },
    };

    private static async Task<string> AskAsync(ClientSuite suite, string path)
    {
        await using Connection connection = await Connection.ConnectAsync(suite.Url + path, Options, TestContext.Current.CancellationToken);
        return $"{await connection.ReceiveAsync(TestContext.Current.CancellationToken)}";
    }

    private static async Task RunCaseAsync(ClientSuite suite, string id)
    {
        await using Connection connection = await Connection.ConnectAsync($"{suite.Url}/case?id={id}&agent=x", Options, TestContext.Current.CancellationToken);
        await foreach (Message message in connection)
        {
            await connection.SendAsync(message, cancellationToken: TestContext.Current.CancellationToken);
        }
    }
}
