using Wspy.Extensions;
using Wspy.Tests.Transports;

namespace Wspy.Tests.Connections;

/// <summary>Every scenario again with I/O operation n failing, n = 0, 1, 2 … until it passes (one end's stream fails; the other sees it).</summary>
public class FaultLoopTests
{
    /// <summary>Far more operations than a scenario has, so that a loop that never passes fails.</summary>
    private const int MostOperations = 500;

    public static TheoryData<string, Fault, bool> Cases
    {
        get
        {
            var data = new TheoryData<string, Fault, bool>();
            foreach (string scenario in new[] { "echo", "fragments", "asynchronous echo", "close by handler", "violation", "enumeration", "deflated fragments", "deflated streams" })
            {
                foreach (Fault fault in Enum.GetValues<Fault>())
                {
                    data.Add(scenario, fault, true);
                    data.Add(scenario, fault, false);
                }
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Every_operation_may_fail(string scenario, Fault fault, bool clientFails)
    {
        var unobserved = new List<Exception>();
        void Observe(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            lock (unobserved)
            {
                unobserved.Add(e.Exception);
            }
        }

        TaskScheduler.UnobservedTaskException += Observe;
        try
        {
            int failing = 0;
            while (await RunAsync(scenario, failing, fault, clientFails))
            {
                failing++;
                Assert.True(failing < MostOperations, "the scenario never passed");
            }

            Assert.True(failing >= 4, $"only {failing} operations failed, so little was tested");
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Observe;
        }

        lock (unobserved)
        {
            Assert.DoesNotContain(unobserved, exception => exception.ToString().Contains("as the test wants it", StringComparison.Ordinal));
        }
    }

    // Whether the fault was reached.
    private static async Task<bool> RunAsync(string scenario, int failing, Fault fault, bool clientFails)
    {
        (Stream near, Stream far) = Wspy.Transports.InMemoryStream.CreatePair();
        var faulty = new FaultyStream(clientFails ? near : far, failing, fault);
        var memory = new DeflateMemory(16 << 20);
        Extension[] extensions = scenario.StartsWith("deflated", StringComparison.Ordinal) ? [new DeflateMessage(new DeflateMessageOptions { Memory = memory, Threshold = 0 })] : [];
        var options = new ClientOptions { CloseTimeout = TimeSpan.FromSeconds(20), ReceiveBufferSize = 256, Extensions = extensions };
        var serverOptions = new ServerOptions { CloseTimeout = TimeSpan.FromSeconds(20), ReceiveBufferSize = 256, Extensions = extensions };
        WebSocket? client = null, server = null;
        Task<WebSocket> accepting = WebSocket.AcceptAsync(clientFails ? far : faulty, serverOptions).AsTask();
        try
        {
            client = await WebSocket.ConnectAsync(clientFails ? faulty : near, new Uri("ws://localhost/"), options).AsTask().WaitAsync(Link.Limit);
        }
        catch (HandshakeException)
        {
            Assert.True(faulty.HasFailed);
        }

        try
        {
            server = await accepting.WaitAsync(Link.Limit);
        }
        catch (HandshakeException)
        {
            Assert.True(faulty.HasFailed);
        }

        if (client is null || server is null)
        {
            // Disposing of the one that is left must not hang on the one that never came.
            client?.Abort();
            server?.Abort();
        }
        else
        {
            await PlayAsync(scenario, client, server, faulty);
        }

        Assert.True(memory.Used == 0, $"{memory.Used} bytes of compression are left when operation {failing} failed");
        Assert.True(faulty.Disposals > 0, $"the stream was not disposed when operation {failing} failed");
        return faulty.HasFailed;
    }

    private static async Task PlayAsync(string scenario, WebSocket lower, WebSocket upper, FaultyStream faulty)
    {
        var server = new Recorder(upper)
        {
            WhenReceived = (self, message) =>
            {
                self.Send(message, fragmentSize: scenario.EndsWith("fragments", StringComparison.Ordinal) ? 50 : 0);
                if (scenario == "close by handler")
                {
                    self.Close(CloseCode.PolicyViolation, "enough");
                }
            },
        };
        var client = new Recorder(lower);
        Task<CloseInfo> serving = Link.OnThread(server.ReceiveForever);
        try
        {
            await ClientAsync(scenario, client).WaitAsync(Link.Limit);
        }
        catch (ConnectionClosedException) when (faulty.HasFailed || scenario is "close by handler" or "violation")
        {
            // The fault reached the client, or the scenario ends so.
        }

        await client.DisposeAsync().AsTask().WaitAsync(Link.Limit);
        CloseInfo end = await serving;
        Assert.Same(end, await server.Closed);
        foreach (Recorder recorder in new[] { client, server })
        {
            CloseInfo info = await recorder.Closed.WaitAsync(Link.Limit);
            Assert.False(recorder.Overlapped);
            if (recorder.Calls.Count > 0)
            {
                Assert.Equal("open", recorder.Calls[0]);
                Assert.Equal("close", recorder.Calls[^1]);
                Assert.Single(recorder.Calls, "open");
                Assert.Single(recorder.Calls, "close");
                Assert.Same(info, recorder.Info);
            }

            Assert.True(info.Code != CloseCode.AbnormalClosure || !info.WasClean);
            Assert.True(faulty.HasFailed || info.Code != CloseCode.AbnormalClosure, $"{info} without a fault");
        }

        Assert.NotEmpty(server.Calls);
    }

    private static async Task ClientAsync(string scenario, Recorder client)
    {
        byte[] payload = new byte[1000];
        switch (scenario)
        {
            case "echo":
            case "close by handler":
                await Link.OnThread(() =>
                {
                    for (int i = 0; i < 3; i++)
                    {
                        client.Send(payload);
                        Assert.True(client.Receive().Payload.Span.SequenceEqual(payload));
                    }

                    client.Close(CloseCode.NormalClosure, "done");
                });
                break;
            case "fragments":
            case "deflated fragments":
                await Link.OnThread(() =>
                {
                    client.Send(payload, fragmentSize: 300);
                    client.SendPing("?"u8);
                    Assert.True(client.Receive().Payload.Span.SequenceEqual(payload));
                    client.Close();
                });
                break;
            case "asynchronous echo":
                for (int i = 0; i < 3; i++)
                {
                    await client.SendAsync(payload, fragmentSize: 400);
                    Assert.True((await client.ReceiveAsync()).Payload.Span.SequenceEqual(payload));
                }

                await client.CloseAsync();
                break;
            case "deflated streams":
                for (int i = 0; i < 2; i++)
                {
                    await using MessageWriteStream writer = await client.BeginSendAsync(fragmentSize: 300);
                    await writer.WriteAsync(payload);
                    await writer.CompleteAsync();
                    await using MessageReadStream reader = await client.ReceiveStreamAsync();
                    Assert.Equal(payload.Length, await reader.ReadAtLeastAsync(new byte[payload.Length], payload.Length));
                    Assert.Equal(0, await reader.ReadAsync(new byte[1]));
                }

                await client.CloseAsync();
                break;
            case "violation":
                // Not UTF-8, and said to be text.
                await client.SendAsync(new byte[] { 0xFF, 0xFE }, Opcode.Text);
                await client.ReceiveAsync();
                break;
            default:
                Task closing = Task.CompletedTask;
                await client.SendAsync(payload);
                await foreach (Message message in client)
                {
                    Assert.True(message.Payload.Span.SequenceEqual(payload));
                    closing = client.CloseAsync().AsTask();
                }

                await closing;
                break;
        }
    }
}
