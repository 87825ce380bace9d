using System.Net.Sockets;
using System.Text;
using Wspy.Conformance.Negotiation;
using Wspy.Conformance.Wire;
using Wspy.Handshake;

namespace Wspy.Conformance.Engine;

/// <summary>A connection that a client under test has made: its request, and what it is answered.</summary>
internal sealed class Accepting(Socket socket, WireLog log)
{
    private byte[] _rest = [];

    /// <summary>The client's request.</summary>
    public HttpRequestHead Request { get; private set; } = null!;

    public async Task ReadRequestAsync(CancellationToken cancellationToken)
    {
        var parser = new HttpHeadParser(HttpHeadKind.Request) { MaxHeadSize = 1 << 20, MaxHeaderCount = 1000 };
        byte[] buffer = new byte[16 * 1024];
        while (parser.Request is null)
        {
            int count = await socket.ReceiveAsync(buffer, cancellationToken).ConfigureAwait(false);
            if (count == 0)
            {
                throw new IOException("The client left before its request was complete.");
            }

            Take(parser, buffer.AsSpan(0, count));
        }

        Request = parser.Request;
    }

    /// <summary>Opens the connection of a case: answers the request with 101, unless the steps do that.</summary>
    /// <returns>Why the case is unsupported, or <see langword="null"/>.</returns>
    public async Task<string?> OpenAsync(CaseRun run, CancellationToken cancellationToken)
    {
        run.Wire = new WireConnection(socket, new NetworkStream(socket, ownsSocket: true), PeerRole.Client, log);
        string? wanted = run.Case.Opening.Extension;
        IReadOnlyList<ExtensionItem> offers = ExtensionList.Parse(Request.Headers.GetValues("Sec-WebSocket-Extensions")) ?? [];

        // What the client did not offer it must refuse, and then the case is about something else.
        bool agreed = wanted is not null && Agreement.Judge(offers, [wanted], out _) is { Deflate: not null };
        run.Extension = agreed ? wanted : null;
        if (!run.Case.Opening.IsByHand)
        {
            if (Response(agreed ? wanted : null) is not { } response)
            {
                throw new CaseFailedException("expected a request for a WebSocket with a key of 16 bytes; got another one");
            }

            await run.Wire.SendAsync(Encoding.Latin1.GetBytes(response), int.MaxValue, TimeSpan.Zero, response.TrimEnd(), cancellationToken).ConfigureAwait(false);
        }

        run.Wire.Start(expectHead: false, _rest);
        if (wanted is null || agreed)
        {
            return null;
        }

        await run.Wire.SendAsync([new WireFrame(Opcode.Close, (byte[])[3, 232])], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        await run.NextAsync(run.Options.Patience, cancellationToken).ConfigureAwait(false);
        return $"the client did not offer {wanted}";
    }

    /// <summary>Answers a question of the driver: one text message, then Close.</summary>
    public async Task AnswerAsync(string text, CancellationToken cancellationToken)
    {
        if (Response(null) is not { } response)
        {
            // Not by a WebSocket, but by a person with a browser or curl.
            byte[] body = Encoding.UTF8.GetBytes(text + "\n");
            await SendAsync([.. Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body], cancellationToken).ConfigureAwait(false);
            return;
        }

        await SendAsync(Encoding.Latin1.GetBytes(response), cancellationToken).ConfigureAwait(false);
        await using var wire = new WireConnection(socket, new NetworkStream(socket, ownsSocket: true), PeerRole.Client, log);
        wire.Start(expectHead: false, _rest);
        await wire.SendAsync([new WireFrame(Opcode.Text, text), new WireFrame(Opcode.Close, (byte[])[3, 232])], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        await foreach (WireEvent _ in wire.Events.ReadAllAsync(patience.Token).ConfigureAwait(false))
        {
            // Until the client's Close has come, and the end: only then has it read all.
        }
    }

    /// <summary>There is no such path, case or result.</summary>
    public Task RefuseAsync(CancellationToken cancellationToken) =>
        SendAsync("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellationToken);

    /// <summary>The response that accepts the request, or <see langword="null"/> when it asks for no WebSocket.</summary>
    public string? Response(string? extension)
    {
        string? key = Request.Headers["Sec-WebSocket-Key"];
        return key is null || !HandshakeKey.IsValid(Encoding.Latin1.GetBytes(key)) ? null
            : $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {HandshakeKey.ComputeAccept(key)}\r\n{(extension is null ? "" : $"Sec-WebSocket-Extensions: {extension}\r\n")}\r\n";
    }

    private async Task SendAsync(byte[] bytes, CancellationToken cancellationToken)
    {
        for (int sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), cancellationToken).ConfigureAwait(false);
        }
    }

    private void Take(HttpHeadParser parser, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> rest = bytes;
        if (parser.Receive(ref rest) == HttpHeadStatus.Invalid)
        {
            throw new IOException($"The client sent a request that is no HTTP: {parser.Violation}.");
        }

        ReadOnlySpan<byte> taken = bytes[..^rest.Length];
        log.Received(taken, taken.Length, Encoding.Latin1.GetString(taken).TrimEnd());
        _rest = rest.ToArray();
    }
}
