// A server with a thread per client that sends back what it gets: wscat or any browser can talk to it on port 8000.
using Wspy;

new EchoServer().Run();

internal sealed class EchoServer : Server
{
    protected override void OnMessage(Client client, MessageView message) => client.Send(message);
}
