namespace Wspy;

// The handlers to override. Those of one client never run concurrently; those of different clients do.
public abstract partial class WebSocketServer
{
    /// <summary>Answers a plain HTTP request, such as for a page; <see langword="null"/> means what the options say, or 426. Runs where the handlers of that client will run.</summary>
    protected virtual HttpResponse? OnRequest(HttpRequestHead request) => _options.OnRequest?.Invoke(request);

    /// <summary>Judges a valid request for an upgrade: a response refuses it, <see langword="null"/> accepts it. Runs where the handlers of that client will run.</summary>
    protected virtual HttpResponse? OnUpgrade(HttpRequestHead request) => _options.OnUpgrade?.Invoke(request);

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

    /// <summary>Called when a client breaks a rule or a limit, and when a handler throws (the client is then closed with 1011). <see cref="OnClose"/> follows.</summary>
    protected virtual void OnError(Client client, Exception error)
    {
    }

    /// <summary>Called exactly once after <see cref="OnOpen"/>, however the connection ended.</summary>
    protected virtual void OnClose(Client client, CloseInfo info)
    {
    }

    internal void Opened(Client client)
    {
        LogOpened(client, client.Request.Path, client.Subprotocol);
        OnOpen(client);
    }

    internal void Received(Client client, MessageView message)
    {
        if (_logs)
        {
            LogReceived(client, message.Opcode, message.Payload.Length);
        }

        OnMessage(client, message);
    }

    internal void Pinged(Client client, ReadOnlySpan<byte> payload) => OnPing(client, payload);

    internal void Ponged(Client client, ReadOnlySpan<byte> payload) => OnPong(client, payload);

    internal void Failed(Client client, Exception error)
    {
        if (error is WspyException)
        {
            LogViolation(client, error.Message);
        }
        else
        {
            LogHandlerFailed(error, client);
        }

        try
        {
            OnError(client, error);
        }
        catch (Exception exception)
        {
            // Whatever it threw: the connection is ending already, and nobody is left to tell but the log.
            LogHandlerFailed(exception, client);
        }
    }

    internal void Closed(Client client, CloseInfo info)
    {
        LogClosed(client, (int)info.Code, info.Initiator, info.WasClean);
        try
        {
            OnClose(client, info);
        }
        catch (Exception exception)
        {
            // As above.
            LogHandlerFailed(exception, client);
        }
    }
}
