using System.Net;

namespace Wspy;

/// <summary>A client of a server: what the server's handlers get, and what sends to it.</summary>
/// <remarks>Sending and closing are safe from any thread; each caller's messages keep their order, and two messages never interleave.</remarks>
public abstract class Client
{
    private protected Client(long id, HttpRequestHead request)
    {
        Id = id;
        Request = request;
    }

    /// <summary>A number that no other client of the server has or had.</summary>
    public long Id { get; }

    /// <summary>The head of the request that was upgraded.</summary>
    public HttpRequestHead Request { get; }

    /// <summary>The subprotocol agreed on; <see langword="null"/> if none.</summary>
    public abstract string? Subprotocol { get; }

    /// <summary>The client's address; <see langword="null"/> when the transport does not know.</summary>
    public abstract EndPoint? RemoteEndPoint { get; }

    /// <summary>Whether no Close frame was sent or received and the stream has not ended, as far as is known.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>How the connection ended; completes exactly once, when it has.</summary>
    public abstract Task<CloseInfo> Closed { get; }

    /// <summary>Whatever the application wants to keep with the client.</summary>
    public object? State { get; set; }

    /// <summary>Sends text.</summary>
    /// <inheritdoc cref="Connection.Send(string, int)"/>
    public abstract void Send(string text, int fragmentSize = 0);

    /// <summary>Sends bytes.</summary>
    /// <inheritdoc cref="Connection.Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public abstract void Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0);

    /// <summary>Sends a message.</summary>
    /// <inheritdoc cref="Connection.Send(Message, int)"/>
    public abstract void Send(Message message, int fragmentSize = 0);

    /// <summary>Sends a message that was received.</summary>
    /// <inheritdoc cref="Connection.Send(MessageView, int)"/>
    public void Send(MessageView message, int fragmentSize = 0) => Send(message.Payload, message.Opcode, fragmentSize);

    /// <summary>Sends text unless the client is gone: for those who tell many, where each may leave at any time.</summary>
    /// <param name="text">The text.</param>
    /// <returns><see langword="false"/> when the connection has ended or is closing.</returns>
    /// <exception cref="TimeoutException">Other sends did not end in time; nothing was sent.</exception>
    /// <exception cref="ArgumentException">The text has a lone surrogate, which UTF-8 cannot express.</exception>
    public bool TrySend(string text)
    {
        try
        {
            Send(text);
            return true;
        }
        catch (ConnectionClosedException)
        {
            return false;
        }
    }

    /// <summary>Sends bytes unless the client is gone.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="opcode"><see cref="Opcode.Binary"/>, or <see cref="Opcode.Text"/> when the payload is UTF-8, which is not judged here.</param>
    /// <inheritdoc cref="TrySend(string)"/>
    public bool TrySend(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary)
    {
        try
        {
            Send(payload, opcode);
            return true;
        }
        catch (ConnectionClosedException)
        {
            return false;
        }
    }

    /// <summary>Sends a message that was received unless the client is gone.</summary>
    /// <param name="message">The message.</param>
    /// <inheritdoc cref="TrySend(string)"/>
    public bool TrySend(MessageView message) => TrySend(message.Payload, message.Opcode);

    /// <summary>Sends text.</summary>
    /// <inheritdoc cref="Connection.SendAsync(string, int, CancellationToken)"/>
    public abstract ValueTask SendAsync(string text, int fragmentSize = 0, CancellationToken cancellationToken = default);

    /// <summary>Sends bytes.</summary>
    /// <inheritdoc cref="Connection.SendAsync(ReadOnlyMemory{byte}, Opcode, int, CancellationToken)"/>
    public abstract ValueTask SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0, CancellationToken cancellationToken = default);

    /// <summary>Sends a message.</summary>
    /// <inheritdoc cref="Connection.SendAsync(Message, int, CancellationToken)"/>
    public abstract ValueTask SendAsync(Message message, int fragmentSize = 0, CancellationToken cancellationToken = default);

    /// <summary>Sends a ping.</summary>
    /// <inheritdoc cref="Connection.SendPing"/>
    public abstract void SendPing(ReadOnlySpan<byte> payload = default);

    /// <summary>Sends a pong that nobody asked for.</summary>
    /// <inheritdoc cref="Connection.SendPong"/>
    public abstract void SendPong(ReadOnlySpan<byte> payload = default);

    /// <summary>Closes the connection; from within a handler it sends the Close frame and returns.</summary>
    /// <inheritdoc cref="Connection.Close"/>
    public abstract void Close(CloseCode code = CloseCode.NormalClosure, string reason = "");

    /// <summary>Closes the connection.</summary>
    /// <inheritdoc cref="Connection.CloseAsync"/>
    public abstract ValueTask CloseAsync(CloseCode code = CloseCode.NormalClosure, string reason = "", CancellationToken cancellationToken = default);

    /// <summary>Ends the connection at once, without a closing handshake.</summary>
    public abstract void Abort();

    /// <summary>Such as "client 7 from 127.0.0.1:50123".</summary>
    public override string ToString() => RemoteEndPoint is { } address ? $"client {Id} from {address}" : $"client {Id}";
}
