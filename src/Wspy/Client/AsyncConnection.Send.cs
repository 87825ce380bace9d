namespace Wspy;

// Sending: from any thread; each caller's messages keep their order, and two messages never interleave.
public partial class AsyncConnection
{
    /// <summary>Bytes that were given to send and that the system has not taken yet.</summary>
    public long BufferedBytes => _connection?.BufferedBytes ?? 0;

    /// <summary>Sends text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <returns>What became of it. A peer that is gone is no error.</returns>
    /// <exception cref="ArgumentException">The text has a lone surrogate, which UTF-8 cannot express.</exception>
    /// <exception cref="InvalidOperationException">It was not connected yet.</exception>
    public SendResult Send(string text, int fragmentSize = 0) => Connected.Send(text, fragmentSize);

    /// <summary>Sends bytes. The memory is borrowed until this returns, and not altered.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="opcode"><see cref="Opcode.Binary"/>; <see cref="Opcode.Text"/> when the payload is UTF-8, which is not judged here; or one that an extension claims.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <returns>What became of it. A peer that is gone is no error.</returns>
    /// <exception cref="InvalidOperationException">It was not connected yet.</exception>
    public SendResult Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0) => Connected.Send(payload, opcode, fragmentSize);

    /// <summary>Sends a message.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public SendResult Send(Message message, int fragmentSize = 0) => Connected.Send(message, fragmentSize);

    /// <summary>Sends a message that was received.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public SendResult Send(MessageView message, int fragmentSize = 0) => Connected.Send(message.Payload, message.Opcode, fragmentSize);

    /// <summary>Sends text, and waits for room where <see cref="WebSocketOptions.Backpressure"/> says so.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <param name="cancellationToken">Stops waiting; nothing is sent then.</param>
    /// <inheritdoc cref="Send(string, int)"/>
    public ValueTask<SendResult> SendAsync(string text, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        Connected.SendAsync(text, fragmentSize, cancellationToken);

    /// <summary>Sends bytes, and waits for room where <see cref="WebSocketOptions.Backpressure"/> says so. The memory must not change until then.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="opcode"><see cref="Opcode.Binary"/>; <see cref="Opcode.Text"/> when the payload is UTF-8, which is not judged here; or one that an extension claims.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <param name="cancellationToken">Stops waiting; nothing is sent then.</param>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        Connected.SendAsync(payload, opcode, fragmentSize, cancellationToken);

    /// <summary>Sends a message, and waits for room where <see cref="WebSocketOptions.Backpressure"/> says so.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, Opcode, int, CancellationToken)"/>
    public ValueTask<SendResult> SendAsync(Message message, int fragmentSize = 0, CancellationToken cancellationToken = default) =>
        Connected.SendAsync(message, fragmentSize, cancellationToken);

    /// <summary>Sends a ping, which may pass between the fragments of a message (RFC 6455 §5.5.2); <see cref="OnPong"/> tells of the answer.</summary>
    /// <param name="payload">At most 125 bytes, which the pong repeats.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    public SendResult SendPing(ReadOnlySpan<byte> payload = default) => Connected.SendControl(Opcode.Ping, payload);

    /// <summary>Sends a pong that nobody asked for: a heartbeat (RFC 6455 §5.5.3). Pings are answered by themselves.</summary>
    /// <param name="payload">At most 125 bytes.</param>
    /// <inheritdoc cref="SendPing"/>
    public SendResult SendPong(ReadOnlySpan<byte> payload = default) => Connected.SendControl(Opcode.Pong, payload);

    /// <summary>Sends a control frame with a reserved opcode, which an extension that was agreed on must claim (<see cref="Extensions.Extension.Opcodes"/>).</summary>
    /// <param name="opcode">0xB to 0xF.</param>
    /// <param name="payload">At most 125 bytes.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">No extension of this connection claims it, or the payload is too long.</exception>
    public SendResult SendControl(Opcode opcode, ReadOnlySpan<byte> payload = default) => Connected.SendReserved(opcode, payload);
}
