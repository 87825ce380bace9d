using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Wspy.Tests.ServerTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.LoopTests;

/// <summary>Connections that come and go, as many as the environment says, in waves; for hours if need be, so only on request.</summary>
public class LoopSoakTests(ITestOutputHelper output)
{
    private const int Wave = 500;
    private const int Workers = 4;

    /// <summary>For a wave: this may run beside other work, at the lowest priority.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The environment variable with the number of connections.</summary>
    private const string Variable = "WSPY_SOAK_CONNECTIONS";

    [Theory(Explicit = true)]
    [InlineData(ServerEngine.Epoll)]
    [InlineData(ServerEngine.Portable)]
    public async Task Memory_and_descriptors_stay_flat_and_each_one_ends_once(ServerEngine engine)
    {
        int total = int.Parse(Environment.GetEnvironmentVariable(Variable) ?? "1000000", CultureInfo.InvariantCulture);
        int opened = 0, closed = 0;
        await using var server = new LoopServer(engine);
        server.WhenOpen = _ =>
        {
            Interlocked.Increment(ref opened);
            return default;
        };
        server.WhenClose = (_, _) => Interlocked.Increment(ref closed);
        (long Memory, int Descriptors) before = default;
        int ended = 0;
        int waves = total / Wave;
        for (int wave = 0; wave < waves; wave++)
        {
            int number = wave;
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker =>
                Task.Factory.StartNew(() => Play(server.EndPoint, number, worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default))).WaitAsync(Patience);
            await LoopServer.UntilAsync(() => server.Clients.Count == 0 && Volatile.Read(ref closed) == Volatile.Read(ref opened), patience: Patience);
            server.Calls.Clear();

            // Who ends twice shows, and the notes about it are no leak of the server's.
            ended += server.Ends.Count;
            server.Ends.Clear();
            Assert.Equal(opened, ended);
            if (wave % Math.Max(waves / 10, 1) == 0)
            {
                (long memory, int descriptors) = Measure();
                output.WriteLine($"{(wave + 1) * Wave:N0} connections: {memory:N0} bytes, {descriptors} descriptors");
                if (wave == waves / 10)
                {
                    before = (memory, descriptors);
                }
                else if (wave > waves / 10)
                {
                    Assert.InRange(memory, 0, before.Memory + (4 << 20));
                    Assert.InRange(descriptors, 0, before.Descriptors + 20);
                }
            }
        }

        await server.StopAsync().WaitAsync(Link.Limit);
        Assert.Equal(opened, closed);
        output.WriteLine($"{opened:N0} opened, {closed:N0} closed");
    }

    // A wave's share of one worker: some close in order, some vanish, some never finish their opening handshake.
    private static void Play(IPEndPoint server, int wave, int worker)
    {
        byte[] buffer = new byte[1024];
        byte[] upgrade = Encoding.ASCII.GetBytes(RawClient.Upgrade());
        byte[] message = [.. LoopServer.Wire.Text("soak"), .. LoopServer.Wire.Close(1000)];
        for (int i = 0; i < Wave / Workers; i++)
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

            // Many addresses, since the ports of one are used up for a minute after each connection.
            socket.Bind(new IPEndPoint(new IPAddress([127, (byte)(1 + worker), (byte)(wave / 250 % 250), (byte)(1 + (wave % 250))]), 0));
            socket.Connect(server);
            if (i % 5 == 0)
            {
                socket.Send(upgrade.AsSpan(0, i % upgrade.Length));
                socket.LingerState = new LingerOption(enable: i % 2 == 0, seconds: 0);
                continue;
            }

            socket.Send(upgrade);
            int count = 0;
            while (!buffer.AsSpan(0, count).EndsWith("\r\n\r\n"u8))
            {
                count += socket.Receive(buffer.AsSpan(count));
            }

            if (i % 5 == 1)
            {
                socket.LingerState = new LingerOption(enable: true, seconds: 0);
                continue;
            }

            socket.Send(message);
            while (socket.Receive(buffer) > 0)
            {
            }
        }
    }

    private static (long Memory, int Descriptors) Measure()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return (GC.GetTotalMemory(forceFullCollection: true), OperatingSystem.IsLinux() ? Directory.GetFiles("/proc/self/fd").Length : 0);
    }
}
