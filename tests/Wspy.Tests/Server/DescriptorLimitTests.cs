using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Wspy.Tests.LoopTests;
using Wspy.Tests.Transports;

namespace Wspy.Tests.ServerTests;

/// <summary>More connections than the system has descriptors for, in a process of its own that has few.</summary>
public class DescriptorLimitTests
{
    private const int Descriptors = 200;

    [Theory]
    [InlineData(ServerEngine.Threads)]
    [InlineData(ServerEngine.Epoll)]
    [InlineData(ServerEngine.Portable)]
    public async Task It_serves_on_says_so_once_for_each_interval_and_recovers(ServerEngine engine)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no limit of descriptors.");
        long began = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo("bash", ["-c", $"ulimit -n {Descriptors}; exec \"$0\"", Environment.ProcessPath!]) { RedirectStandardOutput = true, Environment = { [ChildServer.Variable] = $"{engine}" } };
        using Process child = Process.Start(start)!;
        var crowd = new List<RawClient>();
        try
        {
            string? port = await child.StandardOutput.ReadLineAsync().WaitAsync(Link.Limit);
            var lines = new ConcurrentQueue<string>();
            Task reading = ReadAsync(child.StandardOutput, lines);
            string url = $"ws://127.0.0.1:{port}/";
            using var healthy = Connection.Connect(url);
            Echo(healthy);
            for (int i = 0; i < Descriptors; i++)
            {
                crowd.Add(new RawClient(IPEndPoint.Parse($"127.0.0.1:{port}")));
                crowd[^1].Send(RawClient.Upgrade());
            }

            await LoopServer.UntilAsync(() => lines.Any(IsTold), () => Echo(healthy));
            for (int i = 0; i < 20; i++)
            {
                Echo(healthy);
            }

            crowd.ForEach(static client => client.Reset());
            using (Connection late = await Link.OnThread(() => Connection.Connect(url, new ClientOptions { HandshakeTimeout = Link.Limit })))
            {
                Echo(late);
                Echo(healthy);
            }

            Assert.False(child.HasExited);
            using (Process kill = Process.Start("kill", ["-15", $"{child.Id}"]))
            {
                Assert.Equal(CloseCode.GoingAway, Assert.Throws<ConnectionClosedException>(() => healthy.Receive(Link.Limit)).CloseInfo.Code);
                await child.WaitForExitAsync().WaitAsync(Link.Limit);
            }

            await reading.WaitAsync(Link.Limit);
            Assert.Equal(0, child.ExitCode);
            Assert.InRange(lines.Count(IsTold), 1, 1 + (int)(Stopwatch.GetElapsedTime(began) / AcceptTrouble.TellInterval));
        }
        finally
        {
            crowd.ForEach(static client => client.Dispose());
            if (!child.HasExited)
            {
                child.Kill();
            }
        }
    }

    private static bool IsTold(string line) => line.StartsWith("Accepting failed", StringComparison.Ordinal);

    private static void Echo(Connection connection)
    {
        connection.Send("alive");
        Assert.Equal("alive", connection.Receive(Link.Limit).ToString());
    }

    private static async Task ReadAsync(StreamReader output, ConcurrentQueue<string> lines)
    {
        while (await output.ReadLineAsync() is { } line)
        {
            lines.Enqueue(line);
        }
    }
}
