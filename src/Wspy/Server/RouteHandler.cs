namespace Wspy;

/// <summary>What a route of a server does with its clients: derive, override handlers, map. The same on <see cref="Server"/> and <see cref="AsyncServer"/>.</summary>
/// <remarks>
/// One instance serves all clients of its route. The handlers of one client never run concurrently, those of different clients may. On an
/// <see cref="AsyncServer"/> they run on the event loops and must not block; what takes time goes into an asynchronous one, which holds up its own client only.
/// </remarks>
public abstract class RouteHandler
{
    /// <summary>Whether <see cref="OnSent"/> was overridden, as far as it was called.</summary>
    internal bool WantsSent { get; private set; } = true;

    /// <summary>A handler of callbacks, for what is too short for a class.</summary>
    /// <param name="onOpen">As <see cref="OnOpen"/>.</param>
    /// <param name="onMessage">As <see cref="OnMessage(Client, MessageView)"/>.</param>
    /// <param name="onMessageAsync">As <see cref="OnMessageAsync"/>.</param>
    /// <param name="onClose">As <see cref="OnClose"/>.</param>
    /// <param name="onUpgradeAsync">As <see cref="OnUpgradeAsync"/>.</param>
    /// <exception cref="ArgumentException">There are both <paramref name="onMessage"/> and <paramref name="onMessageAsync"/>.</exception>
    public static RouteHandler Create(
        Action<Client>? onOpen = null,
        ClientMessageHandler? onMessage = null,
        Func<Client, Message, ValueTask>? onMessageAsync = null,
        Action<Client, CloseInfo>? onClose = null,
        Func<HttpRequestHead, ValueTask<UpgradeAnswer>>? onUpgradeAsync = null)
    {
        if (onMessage is not null && onMessageAsync is not null)
        {
            throw new ArgumentException("A message has one handler: give onMessage or onMessageAsync.", nameof(onMessageAsync));
        }

        return new CallbackHandler(onOpen, onMessage, onMessageAsync, onClose, onUpgradeAsync);
    }

    /// <summary>
    /// Judges a valid request for an upgrade, after the server's own hook has accepted it: a response refuses, <see langword="null"/> accepts, and
    /// <see cref="UpgradeAnswer.Accept"/> chooses. <see cref="HttpRequestHead.Parameters"/> are known.
    /// </summary>
    protected internal virtual UpgradeAnswer OnUpgrade(HttpRequestHead request) => default;

    /// <summary>As <see cref="OnUpgrade"/>, which it calls unless overridden, for a judgement that takes time: only this connection waits, for as long as <see cref="WebSocketOptions.HandshakeTimeout"/>; then it gets 503.</summary>
    protected internal virtual ValueTask<UpgradeAnswer> OnUpgradeAsync(HttpRequestHead request) => new(OnUpgrade(request));

    /// <summary>Called once for a client, before anything is received from it. Calls <see cref="OnOpenAsync"/> unless overridden.</summary>
    protected internal virtual void OnOpen(Client client)
    {
        ArgumentNullException.ThrowIfNull(client);
        client.Await(OnOpenAsync(client));
    }

    /// <summary>Called once for a client. Nothing is read from it until the task completes.</summary>
    protected internal virtual ValueTask OnOpenAsync(Client client) => default;

    /// <summary>Called for each message, where it lies in the receive buffer. Calls the other overload with a copy unless overridden.</summary>
    /// <param name="client">Who sent it.</param>
    /// <param name="message">The message, gone when this returns.</param>
    protected internal virtual void OnMessage(Client client, MessageView message) => OnMessage(client, message.ToMessage());

    /// <summary>Called for each message, with a copy to keep. Calls <see cref="OnMessageAsync"/> unless overridden.</summary>
    protected internal virtual void OnMessage(Client client, Message message)
    {
        ArgumentNullException.ThrowIfNull(client);
        client.Await(OnMessageAsync(client, message));
    }

    /// <summary>Called for each message, with a copy to keep. Nothing more is read from this client until the task completes.</summary>
    protected internal virtual ValueTask OnMessageAsync(Client client, Message message) => default;

    /// <summary>Called for each ping; the pong is sent by itself.</summary>
    /// <param name="client">Who sent it.</param>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected internal virtual void OnPing(Client client, ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Called for each pong, asked for or not.</summary>
    /// <param name="client">Who sent it.</param>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected internal virtual void OnPong(Client client, ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Called for each control frame with a reserved opcode, which an extension that was agreed on claims (<see cref="Extensions.Extension.Opcodes"/>).</summary>
    /// <param name="client">Who sent it.</param>
    /// <param name="opcode">0xB to 0xF.</param>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected internal virtual void OnControl(Client client, Opcode opcode, ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Called when the system has taken all of a message, on an <see cref="AsyncServer"/>; see <see cref="AsyncServer.OnSent"/>.</summary>
    protected internal virtual void OnSent(Client client, Message message) => WantsSent = false;

    /// <summary>Called when a client breaks a rule or a limit, and when a handler throws (the client is then closed with 1011). <see cref="OnClose"/> follows.</summary>
    protected internal virtual void OnError(Client client, Exception error)
    {
    }

    /// <summary>Called exactly once after <see cref="OnOpen"/>, however the connection ended.</summary>
    protected internal virtual void OnClose(Client client, CloseInfo info)
    {
    }

    private sealed class CallbackHandler(
        Action<Client>? onOpen,
        ClientMessageHandler? onMessage,
        Func<Client, Message, ValueTask>? onMessageAsync,
        Action<Client, CloseInfo>? onClose,
        Func<HttpRequestHead, ValueTask<UpgradeAnswer>>? onUpgradeAsync) : RouteHandler
    {
        protected internal override ValueTask<UpgradeAnswer> OnUpgradeAsync(HttpRequestHead request) => onUpgradeAsync?.Invoke(request) ?? default;

        protected internal override void OnOpen(Client client) => onOpen?.Invoke(client);

        protected internal override void OnMessage(Client client, MessageView message)
        {
            if (onMessage is not null)
            {
                onMessage(client, message);
            }
            else if (onMessageAsync is not null)
            {
                client.Await(onMessageAsync(client, message.ToMessage()));
            }
        }

        protected internal override void OnClose(Client client, CloseInfo info) => onClose?.Invoke(client, info);
    }
}

/// <summary>Handles a message of a client of a server, where it lies in the receive buffer.</summary>
/// <param name="client">Who sent it.</param>
/// <param name="message">The message, gone when this returns.</param>
public delegate void ClientMessageHandler(Client client, MessageView message);
