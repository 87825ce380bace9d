namespace Wspy;

// The handlers to override. Those of one client never run concurrently; those of different clients do.
public abstract partial class WebSocketServer
{
    /// <summary>Answers a plain HTTP request, such as for a page; <see langword="null"/> means what the options say, or 426. Runs where the handlers of that client will run.</summary>
    protected virtual HttpResponse? OnRequest(HttpRequestHead request) => _options.OnRequest?.Invoke(request);

    /// <summary>As <see cref="OnRequest"/>, which it calls unless overridden, for an answer that takes time: only this connection waits, for as long as <see cref="WebSocketOptions.HandshakeTimeout"/>; then it gets 503.</summary>
    protected virtual ValueTask<HttpResponse?> OnRequestAsync(HttpRequestHead request) => _options.OnRequestAsync?.Invoke(request) ?? new(OnRequest(request));

    /// <summary>
    /// Judges a valid request for an upgrade: a response refuses it, <see langword="null"/> accepts it, and <see cref="UpgradeAnswer.Accept"/> chooses. Runs
    /// where the handlers of that client will run.
    /// </summary>
    protected virtual UpgradeAnswer OnUpgrade(HttpRequestHead request) => _options.OnUpgrade?.Invoke(request) ?? default;

    /// <summary>As <see cref="OnUpgrade"/>, which it calls unless overridden, for a judgement that takes time: only this connection waits, for as long as <see cref="WebSocketOptions.HandshakeTimeout"/>; then it gets 503.</summary>
    protected virtual ValueTask<UpgradeAnswer> OnUpgradeAsync(HttpRequestHead request) => _options.OnUpgradeAsync?.Invoke(request) ?? new(OnUpgrade(request));

    /// <summary>Called once for a client, before anything is received from it.</summary>
    protected virtual void OnOpen(Client client)
    {
    }

    /// <summary>Called for each message, where it lies in the receive buffer. Calls the other overload with a copy unless overridden.</summary>
    /// <param name="client">Who sent it.</param>
    /// <param name="message">The message, gone when this returns.</param>
    protected virtual void OnMessage(Client client, MessageView message) => OnMessage(client, message.ToMessage());

    /// <summary>Called for each message, with a copy to keep.</summary>
    protected virtual void OnMessage(Client client, Message message)
    {
    }

    /// <summary>Called for each ping; the pong is sent by itself.</summary>
    /// <param name="client">Who sent it.</param>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected virtual void OnPing(Client client, ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Called for each pong, asked for or not.</summary>
    /// <param name="client">Who sent it.</param>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected virtual void OnPong(Client client, ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Called for each control frame with a reserved opcode, which an extension that was agreed on claims (<see cref="Extensions.Extension.Opcodes"/>).</summary>
    /// <param name="client">Who sent it.</param>
    /// <param name="opcode">0xB to 0xF.</param>
    /// <param name="payload">At most 125 bytes, gone when this returns.</param>
    protected virtual void OnControl(Client client, Opcode opcode, ReadOnlySpan<byte> payload)
    {
    }

    /// <summary>Called when a client breaks a rule or a limit, and when a handler or an extension (<see cref="ExtensionException"/>) throws (the client is then closed with 1011). <see cref="OnClose"/> follows.</summary>
    protected virtual void OnError(Client client, Exception error)
    {
    }

    /// <summary>Called exactly once after <see cref="OnOpen"/>, however the connection ended.</summary>
    protected virtual void OnClose(Client client, CloseInfo info)
    {
    }
}
