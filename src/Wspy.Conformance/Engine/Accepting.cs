using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;
using Wspy.Conformance.Negotiation;
using Wspy.Conformance.Wire;

namespace Wspy.Conformance.Engine;

/// <summary>A connection that a client under test has made: its request, and what it is answered.</summary>
internal sealed class Accepting(Socket socket, Stream stream, WireLog log)
{
    private byte[] _rest = [];

    /// <summary>The client's request.</summary>
    public ClientRequest Request { get; private set; } = null!;

    /// <summary>A URL of the suite for redirects of this case.</summary>
    public string Elsewhere { get; set; } = "";

    /// <summary>The first two masking keys of connections whose keys were judged, of all cases.</summary>
    public required ConcurrentDictionary<(uint First, uint Second), byte> KeysBefore { get; init; }

    /// <summary>Completes with the request line when the client opens another connection in the course of this case.</summary>
    public TaskCompletionSource<string> CameAgain { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task ReadRequestAsync(CancellationToken cancellationToken)
    {
        (Request, _rest) = await ClientRequest.ReadAsync(stream, cancellationToken).ConfigureAwait(false)
            ?? throw new IOException("The client left before its request was complete.");
        log.Received(Encoding.Latin1.GetBytes(Request.Head), Request.Head.Length, Request.Head.TrimEnd());
    }

    /// <summary>Opens the connection of a case: answers the request with 101, unless the steps do that.</summary>
    /// <returns>Why the case is unsupported, or <see langword="null"/>.</returns>
    public async Task<string?> OpenAsync(CaseRun run, CancellationToken cancellationToken)
    {
        run.Wire = new WireConnection(socket, stream, PeerRole.Client, log);
        string? wanted = run.Case.Opening.Extension;
        IReadOnlyList<ExtensionItem> offers = ExtensionList.Parse(Request.All("Sec-WebSocket-Extensions")) ?? [];

        // What the client did not offer it must refuse, and then the case is about something else.
        bool agreed = wanted is not null && Agreement.Judge(offers, [wanted], out _) is { Deflate: not null };
        run.Extension = agreed ? wanted : null;
        if (!run.Case.Opening.IsByHand)
        {
            if (Response(agreed ? wanted : null) is not { } response)
            {
                throw new CaseFailedException("expected a request for a WebSocket; got one without a Sec-WebSocket-Key");
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
        // A driver that sends this message back as well, as it does with all others, has done so in this time.
        TimeSpan beforeClosing = TimeSpan.FromMilliseconds(30);
        if (Response(null) is not { } response)
        {
            // Not by a WebSocket, but by a person with a browser or curl.
            byte[] body = Encoding.UTF8.GetBytes(text + "\n");
            await stream.WriteAsync((byte[])[.. Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n"), .. body], cancellationToken).ConfigureAwait(false);
            return;
        }

        await stream.WriteAsync(Encoding.Latin1.GetBytes(response), cancellationToken).ConfigureAwait(false);
        await using var wire = new WireConnection(socket, stream, PeerRole.Client, log);
        wire.Start(expectHead: false, _rest);
        await wire.SendAsync([new WireFrame(Opcode.Text, text)], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        await Task.WhenAny(wire.Events.WaitToReadAsync(cancellationToken).AsTask(), Task.Delay(beforeClosing, cancellationToken)).ConfigureAwait(false);
        await wire.SendAsync([new WireFrame(Opcode.Close, (byte[])[3, 232])], int.MaxValue, TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            await foreach (WireEvent _ in wire.Events.ReadAllAsync(patience.Token).ConfigureAwait(false))
            {
                // Until the client's Close has come, and the end: only then has it read all.
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // A driver that leaves its connections open has its answer nevertheless.
        }
    }

    /// <summary>There is no such path, case or result, or not now.</summary>
    public async Task RefuseAsync(string status, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"), cancellationToken).ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
    }

    /// <summary>The response that accepts the request, or <see langword="null"/> when it asks for no WebSocket.</summary>
    private string? Response(string? extension) => Request.Key.Length == 0 ? null
        : $"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {Request.Accept}\r\n{(extension is null ? "" : $"Sec-WebSocket-Extensions: {extension}\r\n")}\r\n";
}
