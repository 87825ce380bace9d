using Wspy.Extensions;

namespace Wspy.Conformance.Tests;

internal sealed class EchoServer : Server
{
    public EchoServer()
        : base(new ServerOptions { Port = 0, Extensions = [new DeflateMessage(), new DeflateFrame()] }) => Start();

    public Uri Url => new($"ws://{EndPoint}/");

    protected override void OnMessage(Client client, MessageView message) => client.Send(message);
}
