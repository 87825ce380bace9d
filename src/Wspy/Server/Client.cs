using System.Net;
using System.Security.Claims;
using Wspy.Extensions;

namespace Wspy;

/// <summary>A client of a server: what the server's handlers get, and what sends to it.</summary>
/// <remarks>Sending and closing are safe from any thread; each caller's messages keep their order, and two messages never interleave.</remarks>
public abstract class Client
{
    private protected Client(long id, HttpRequestHead request, RouteHandler? handler)
    {
        Id = id;
        Request = request;
        Handler = handler;
    }

    /// <summary>A number that no other client of the server has or had.</summary>
    public long Id { get; }

    /// <summary>The head of the request that was upgraded.</summary>
    public HttpRequestHead Request { get; }

    /// <summary>Who the client is, as authenticated by <see cref="ServerOptions.Authentication"/>; <see langword="null"/> where nobody is asked.</summary>
    public ClaimsPrincipal? User => Request.User;

    /// <summary>What the TLS handshake has agreed on, with the client's certificate if it has sent one; <see langword="null"/> without TLS.</summary>
    public TlsDetails? Tls => Request.Tls;

    /// <summary>What stands in the path in the places of the route's parameters: <c>client.Parameters["id"]</c> for <c>/room/{id}</c>.</summary>
    public RouteParameters Parameters => Request.Parameters;

    /// <summary>The subprotocol agreed on; <see langword="null"/> if none.</summary>
    public abstract string? Subprotocol { get; }

    /// <summary>The extensions agreed on in the opening handshake, with their parameters, as the response lists them.</summary>
    public abstract IReadOnlyList<ExtensionOffer> Extensions { get; }

    /// <summary>The client's address; <see langword="null"/> when the transport does not know.</summary>
    public EndPoint? RemoteEndPoint => Request.RemoteEndPoint;

    /// <summary>Whether no Close frame was sent or received and the stream has not ended, as far as is known.</summary>
    public abstract bool IsOpen { get; }

    /// <summary>How the connection ended; completes exactly once, when it has.</summary>
    public abstract Task<CloseInfo> Closed { get; }

    /// <summary>Whatever the application wants to keep with the client.</summary>
    public object? State { get; set; }

    /// <summary>Bytes that were given to send and that the system has not taken yet. With a thread per client, where sends wait for that, only what was broadcast.</summary>
    public abstract long BufferedBytes { get; }

    /// <summary>Null for the handlers of the server itself.</summary>
    internal RouteHandler? Handler { get; }

    /// <summary>Reads nothing more from this client until a handler's task completes; called from within that handler.</summary>
    internal abstract void Await(ValueTask handling);

    /// <summary>Sends text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <returns>What became of it. A client that is gone is no error: anyone may leave at any time.</returns>
    /// <exception cref="ArgumentException">The text has a lone surrogate, which UTF-8 cannot express.</exception>
    public abstract SendResult Send(string text, int fragmentSize = 0);

    /// <summary>Sends bytes. The memory is borrowed until this returns, and not altered.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="opcode"><see cref="Opcode.Binary"/>; <see cref="Opcode.Text"/> when the payload is UTF-8, which is not judged here; or one that an extension claims.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <returns>What became of it. A client that is gone is no error: anyone may leave at any time.</returns>
    public abstract SendResult Send(ReadOnlySpan<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0);

    /// <summary>Sends a message.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public abstract SendResult Send(Message message, int fragmentSize = 0);

    /// <summary>Sends a message that was received.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public SendResult Send(MessageView message, int fragmentSize = 0) => Send(message.Payload, message.Opcode, fragmentSize);

    /// <summary>Sends a message that was prepared for many.</summary>
    /// <param name="message">The message.</param>
    /// <returns>What became of it. A client that is gone is no error: anyone may leave at any time.</returns>
    public abstract SendResult Send(PreparedMessage message);

    /// <summary>As <see cref="Send(PreparedMessage)"/>, but where that would wait for this client the message is dropped.</summary>
    internal abstract SendResult TrySend(PreparedMessage message);

    /// <summary>Sends text, and waits for room where <see cref="WebSocketOptions.Backpressure"/> says so.</summary>
    /// <param name="text">The text.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <param name="cancellationToken">Stops waiting; with a thread per client, a message that is half out ends the connection.</param>
    /// <inheritdoc cref="Send(string, int)"/>
    public abstract ValueTask<SendResult> SendAsync(string text, int fragmentSize = 0, CancellationToken cancellationToken = default);

    /// <summary>Sends bytes, and waits for room where <see cref="WebSocketOptions.Backpressure"/> says so. The memory must not change until then.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="opcode"><see cref="Opcode.Binary"/>; <see cref="Opcode.Text"/> when the payload is UTF-8, which is not judged here; or one that an extension claims.</param>
    /// <param name="fragmentSize">The largest payload per frame in bytes; 0 to send one frame.</param>
    /// <param name="cancellationToken">Stops waiting; with a thread per client, a message that is half out ends the connection.</param>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, Opcode, int)"/>
    public abstract ValueTask<SendResult> SendAsync(ReadOnlyMemory<byte> payload, Opcode opcode = Opcode.Binary, int fragmentSize = 0, CancellationToken cancellationToken = default);

    /// <summary>Sends a message, and waits for room where <see cref="WebSocketOptions.Backpressure"/> says so.</summary>
    /// <inheritdoc cref="SendAsync(ReadOnlyMemory{byte}, Opcode, int, CancellationToken)"/>
    public abstract ValueTask<SendResult> SendAsync(Message message, int fragmentSize = 0, CancellationToken cancellationToken = default);

    /// <summary>Sends a ping.</summary>
    /// <param name="payload">At most 125 bytes, which the pong repeats.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    public abstract SendResult SendPing(ReadOnlySpan<byte> payload = default);

    /// <summary>Sends a pong that nobody asked for.</summary>
    /// <param name="payload">At most 125 bytes.</param>
    /// <inheritdoc cref="SendPing"/>
    public abstract SendResult SendPong(ReadOnlySpan<byte> payload = default);

    /// <summary>Sends a control frame with a reserved opcode, which an extension that was agreed on must claim (<see cref="Extension.Opcodes"/>).</summary>
    /// <param name="opcode">0xB to 0xF.</param>
    /// <param name="payload">At most 125 bytes.</param>
    /// <returns>What became of it.</returns>
    /// <exception cref="ArgumentException">No extension of this connection claims it, or the payload is too long.</exception>
    public abstract SendResult SendControl(Opcode opcode, ReadOnlySpan<byte> payload = default);

    /// <summary>Receives nothing more from this client, pings and its Close frame included, until <see cref="ResumeReading"/>. A handler that runs is not interrupted.</summary>
    /// <remarks>With a thread per client, which waits for the client in the system already, what comes next is still received, and a ping or a Close frame answered; a handler is called when reading goes on.</remarks>
    public abstract void PauseReading();

    /// <summary>Receives on.</summary>
    public abstract void ResumeReading();

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
