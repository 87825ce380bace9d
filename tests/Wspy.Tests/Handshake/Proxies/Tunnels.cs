using System.Buffers;
using System.Net;
using System.Text;
using Wspy.Handshake;

namespace Wspy.Tests.Handshake.Proxies;

/// <summary>A tunnel and what its proxy answers, as text: bytes in hexadecimal for SOCKS, Latin-1 for HTTP.</summary>
internal static class Tunnels
{
    public static ProxyServer Proxy(string uri, ICredentials? credentials = null)
    {
        ProxyServer? proxy = ProxyServer.Create(new Uri(uri), credentials);
        Assert.NotNull(proxy);
        return proxy;
    }

    /// <summary>Plays a proxy that gives an answer to each of the client's messages.</summary>
    /// <param name="create">Makes a fresh tunnel.</param>
    /// <param name="answers">One for each message.</param>
    /// <param name="split">How many bytes come at once.</param>
    public static TunnelOutcome Play(Func<ProxyTunnel> create, byte[][] answers, int split = int.MaxValue)
    {
        ProxyTunnel tunnel = create();
        var sent = new List<byte[]>();
        var output = new ArrayBufferWriter<byte>();
        tunnel.Begin(output);
        ProxyTunnelStatus status = ProxyTunnelStatus.NeedMoreData;
        foreach (byte[] answer in answers)
        {
            Assert.True(output.WrittenCount > 0, "the client says nothing, and the proxy answers");
            sent.Add(output.WrittenSpan.ToArray());
            output.ResetWrittenCount();
            for (int at = 0; at < answer.Length && status == ProxyTunnelStatus.NeedMoreData; at += split)
            {
                ReadOnlySpan<byte> input = answer.AsSpan(at, Math.Min(split, answer.Length - at));
                status = tunnel.Receive(ref input, output);
            }
        }

        if (output.WrittenCount > 0)
        {
            sent.Add(output.WrittenSpan.ToArray());
        }

        return new TunnelOutcome(tunnel, status, sent);
    }

    /// <summary>The same whole and byte by byte, which must not differ.</summary>
    public static TunnelOutcome PlayAll(Func<ProxyTunnel> create, params byte[][] answers)
    {
        TunnelOutcome whole = Play(create, answers);
        TunnelOutcome pieces = Play(create, answers, split: 1);
        Assert.Equal((whole.Status, whole.Tunnel.Failure), (pieces.Status, pieces.Tunnel.Failure));

        // The nonces of Digest are other ones each time, of the same length.
        Assert.Equal(whole.Sent.Select(static sent => sent.Length), pieces.Sent.Select(static sent => sent.Length));

        // Each of the answers is needed to its last byte, unless it is a refusal.
        if (whole.Status == ProxyTunnelStatus.Open)
        {
            for (int missing = 1; missing < answers[^1].Length; missing++)
            {
                byte[][] shorter = [.. answers[..^1], answers[^1][..^missing]];
                Assert.Equal(ProxyTunnelStatus.NeedMoreData, Play(create, shorter).Status);
            }

            TunnelOutcome longer = Play(create, [.. answers[..^1], [.. answers[^1], 0x16]]);
            Assert.Equal((ProxyTunnelStatus.Failed, ProxyFailure.InvalidReply), (longer.Status, longer.Tunnel.Failure!.Failure));
        }

        return whole;
    }

    public static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);
}

internal sealed record TunnelOutcome(ProxyTunnel Tunnel, ProxyTunnelStatus Status, IReadOnlyList<byte[]> Sent)
{
    public string Text => string.Concat(Sent.Select(Encoding.Latin1.GetString));

    public string Hex => string.Join(" ", Sent.Select(Convert.ToHexString));
}
