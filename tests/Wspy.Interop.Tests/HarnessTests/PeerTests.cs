using System.Diagnostics;
using Wspy.Interop.Tests.Harness;

namespace Wspy.Interop.Tests.HarnessTests;

public class PeerTests
{
    [Fact]
    public async Task A_peer_that_ends_before_it_listens_is_reported_with_its_output()
    {
        var error = await Assert.ThrowsAsync<PeerException>(() => Peer.ListenAsync(Shell("echo one; echo two >&2; exit 3")));

        Assert.Contains("did not come to listen", error.Message, StringComparison.Ordinal);
        Assert.Contains("one", error.Message, StringComparison.Ordinal);
        Assert.Contains("two", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_ends_with_its_object_and_so_do_its_children()
    {
        var child = new TaskCompletionSource<int>();
        (Peer peer, int port) = await Peer.ListenAsync(Shell("echo listening 4711; sleep 1000 & echo $!; wait"), line => child.TrySetResult(int.Parse(line, null)));
        Assert.Equal(4711, port);
        int[] ids = [peer.Id, await child.Task];

        await peer.DisposeAsync();

        Assert.All(ids, id => Assert.False(IsRunning(id), $"Process {id} is still running."));
    }

    [Fact]
    public async Task A_report_is_read_from_the_last_line() =>
        Assert.Equal(new Close(1000, "bye"), await Peer.ReportAsync<Close>(Shell("echo noise; echo '{\"code\":1000,\"reason\":\"bye\"}'")));

    [Fact]
    public async Task A_missing_report_shows_what_was_printed_instead()
    {
        var error = await Assert.ThrowsAsync<PeerException>(() => Peer.ReportAsync<Close>(Shell("echo it went wrong; exit 1")));

        Assert.Contains("it went wrong", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_pings_and_closes_when_told_to()
    {
        Requirement.Need(Requirement.Node, Requirement.Ws, Requirement.Websockets);
        foreach (Func<PeerServerOptions, Task<EchoServer>> start in (Func<PeerServerOptions, Task<EchoServer>>[])[ScriptPeer.WsServerAsync, ScriptPeer.WebsocketsServerAsync])
        {
            await using EchoServer server = await start(new PeerServerOptions());
            CancellationToken token = TestContext.Current.CancellationToken;
            using var client = await PlatformClient.ConnectAsync(server.Url(secure: false), new PeerClientOptions(), token);
            await client.SendAsync("!ping wspy"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, token);
            await client.SendAsync("!close 4002 told to"u8.ToArray(), System.Net.WebSockets.WebSocketMessageType.Text, true, token);

            await client.ReceiveAsync(new byte[1], token);

            Assert.Equal((4002, "told to"), ((int)client.CloseStatus!, client.CloseStatusDescription));
            Assert.Equal("77737079", (await server.Events.TakeAsync("pong")).Payload);
            await client.CloseOutputAsync(client.CloseStatus.Value, null, token);
            Assert.Equal(4002, (await server.Events.TakeAsync("close")).Code);
        }
    }

    private static ProcessStartInfo Shell(string command) => new("/bin/sh", ["-c", command]);

    private static bool IsRunning(int id)
    {
        // A killed orphan may stay as a zombie until init collects it: it runs no more.
        string stat = $"/proc/{id}/stat";
        return File.Exists(stat) && !File.ReadAllText(stat).Contains(") Z ", StringComparison.Ordinal);
    }
}
