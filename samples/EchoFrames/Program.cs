// Frames: every single one is yours to see and to answer, pings and Close frames included.
using Wspy;

using var listener = new WebSocketListener(new ServerOptions { Port = 8000 });
Console.WriteLine($"Listening on {listener.EndPoint}");
while (true)
{
    try
    {
        using WebSocket webSocket = listener.Accept();
        Serve(webSocket);
    }
    catch (WspyException exception)
    {
        Console.WriteLine(exception.Message);
    }
}

static void Serve(WebSocket webSocket)
{
    while (true)
    {
        Frame frame = webSocket.Receive();
        Console.WriteLine(frame);
        switch (frame.Opcode)
        {
            case Opcode.Ping:
                webSocket.Send(ControlFrame.Pong(frame.Payload));
                break;
            case Opcode.Pong:
                break;
            case Opcode.Close:
                // Echoing the Close frame completes the closing handshake (RFC 6455 §5.5.1).
                webSocket.Send(frame);
                return;
            default:
                // Fragments go back as the fragments that they are.
                webSocket.Send(frame);
                break;
        }
    }
}
