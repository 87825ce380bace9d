namespace Wspy;

// What happens to a client, told to the log, and to the handlers of its route or else of the server.
public abstract partial class WebSocketServer
{
    internal void Opened(Client client)
    {
        LogOpened(client, client.Request.Path, client.Subprotocol);
        if (client.Handler is { } handler)
        {
            handler.OnOpen(client);
        }
        else
        {
            OnOpen(client);
        }
    }

    internal void Received(Client client, MessageView message)
    {
        if (_logs)
        {
            LogReceived(client, message.Opcode, message.Payload.Length);
        }

        if (client.Handler is { } handler)
        {
            handler.OnMessage(client, message);
        }
        else
        {
            OnMessage(client, message);
        }
    }

    internal void Pinged(Client client, ReadOnlySpan<byte> payload)
    {
        if (client.Handler is { } handler)
        {
            handler.OnPing(client, payload);
        }
        else
        {
            OnPing(client, payload);
        }
    }

    internal void Ponged(Client client, ReadOnlySpan<byte> payload)
    {
        if (client.Handler is { } handler)
        {
            handler.OnPong(client, payload);
        }
        else
        {
            OnPong(client, payload);
        }
    }

    internal void Controlled(Client client, Opcode opcode, ReadOnlySpan<byte> payload)
    {
        if (client.Handler is { } handler)
        {
            handler.OnControl(client, opcode, payload);
        }
        else
        {
            OnControl(client, opcode, payload);
        }
    }

    internal void Failed(Client client, Exception error)
    {
        if (error is ExtensionException failure)
        {
            LogExtensionFailed(error, client, failure.Extension);
        }
        else if (error is WspyException)
        {
            LogViolation(client, error.Message);
        }
        else
        {
            LogHandlerFailed(error, client);
        }

        try
        {
            if (client.Handler is { } handler)
            {
                handler.OnError(client, error);
            }
            else
            {
                OnError(client, error);
            }
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
            if (client.Handler is { } handler)
            {
                handler.OnClose(client, info);
            }
            else
            {
                OnClose(client, info);
            }
        }
        catch (Exception exception)
        {
            // As above.
            LogHandlerFailed(exception, client);
        }
    }
}
