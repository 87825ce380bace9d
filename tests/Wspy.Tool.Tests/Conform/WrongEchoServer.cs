namespace Wspy.Tool.Tests.Conform;

/// <summary>Answers each message, but not by that message.</summary>
internal sealed class WrongEchoServer : Server
{
    public WrongEchoServer()
        : base(new ServerOptions { Port = 0 }) => Start();

    public string Url => $"ws://{EndPoint}/";

    protected override void OnMessage(Client client, MessageView message) => client.Send("something else");
}
