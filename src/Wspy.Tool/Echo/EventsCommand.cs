namespace Wspy.Tool.Echo;

/// <summary>What the page asks for on the events channel.</summary>
// Not init: the generated reader would put null in the place of the defaults.
internal sealed record EventsCommand
{
    /// <summary>clock, ping, close or drop.</summary>
    public string Command { get; set; } = "";

    public double Sent { get; set; }

    public string Payload { get; set; } = "";

    public int Code { get; set; } = (int)CloseCode.NormalClosure;

    public string Reason { get; set; } = "";
}
