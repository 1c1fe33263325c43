"""Codestreams of 24 rows and 40 columns of grey, as OpenJPEG 2.5 writes them with options that Pillow does not know."""

from __future__ import annotations

import base64

_ENCODED = {
    "bypass": (
        b"|4;u>04V?f0000e0000O00000000000000e0000O0000000000009R90sm3}3;+NC0RRC61OWm6TmT0^KuAbX|6~9q00BdCWnpw>WFTUBAWv{*Zc0!^M"
        b"<8}(a&u{KZXhx)H7+p!kN^q*00002M*so;lh3y+KqtibfDuqqEv8I_K4);$Z<??nLd&QA;&NZWxn%cb*Z^_Gnx0^L8($$+EpFzowc~qaqB}}W5aG3*_j"
        b"N_Q(Wl?HR%+LRm<>+kGaxW5)CoS_62}k!02@Z}PZe3BNB6K{ItGz(R=t4oknvL3`Y)wOfjz)naUD|se|?!_=3>O^WFCKyS?txpX(SHT*Z9CZ8mC#;B^D"
        b"qx|9^1Rh$tA|&9V#xQ9K=EU`x&fcSTU$$bK^oEyn7p75{(0`7ZDu4&edvXi#;-UUJn;WMj70QZo=M%2pB@&dpSW@tzuO-"
        b"B#PVd4bVO0vUKYGf7PO4^aW)oU<QyHVyqaiZJcKI0y6Z9wi$`H{On7_6#$Qs2GysX|EflF;WeGd=Tdy-*tYzx~ltYg6~-"
        b"3+pL|WAQc(Y+2@amIa$uVKN0)2G<i>!Dm_}gRr=@I5kIe$3|>v=AV5MhN`O(V>E(43^CL}<sRKxLEw6e3j?lI>JF8DhsHave=-"
        b"&lI`K|rJ<?x~LX9<{nj(Ua@)k+uni({=%;A)hdun%Z3+w@z}-lvHR$y~sy$7%8so+QpF_f|P<G*d5vLJ%nfv+<05-"
        b"hb3STm?v}EB6ivie#?yF^jQrOlfPCR;`0_<X+MV<!}-"
        b"fGF<FSS;Q;{z<ZS{L)&;AHdHX*+cShZ73Jx7`gXGWCC>66<B@`+_YRs=<k$!M2D}2(<@5dMXEmTgVB_iu%<;in3$t~rd7b2o=A-}F"
    ),
    "terminated": (
        b"|4;u>04V?f0000e0000O00000000000000e0000O0000000000009R90sm3}3;+NC0RRC61O);ATmT0^KuAbX|6~9q00BdCWnpw>WFTUBAWv{*Zc0!^M"
        b"<8}(a&u{KZXhx)H7+p!kN^q*00002bN~VWlh3y;1}W$w=tbCv(Fej2P*N?XOoTpXaMPfvl{{xf%0KCxa$mr|gAQ_c7ssc$BVw>0-"
        b"iP@LscUyNeXkqaB@x<EXon4-{ujh-jE567J#MVkuLUp~oycZDU|FaVeYz!%AN~Ms8~=atPZe3BNdEQ=CqU9JD%Y?cQXVQ>A4T-"
        b"35GS|`jw7o7e|?!M$IQiv)W|&l4_WNh!D%E8*4OyJJQ}B2*CiGpHUEEbYQz)_Z)VvB0w|siv9KlQ0z0CpZsb21hL+=XREqz9!1*{Z!G1A<RWP7F9&&*~"
        b"O)#K7Ox}h5aF>Aqb;Dgu?>~PcCsx$tG&iHVRd=SqVRPSPa++|QxEx3tl6W*0C9e|2^u?o&sm(0@+xbgewW8u2{u&X#Ku{lN_{rGG+CZZV-"
        b"+Q}tK*W}@zp?41Xd@4NGQgG3pkTFf(Dj3!|9?0~7Tsj+Apoe(p3gjdNy^T3>HmKb`?WNAPnIe@TD?{J=h+cIuayj5P3Is$LNiJ)M_bd%>L=z#n;%jJkm"
        b"_4r^aCBCY-)E_o|REftXa{%3W@Vu`-RVQ%zRnDQnQuho}q;GQic9v*y~gH8l@*J0|U_8^jp#1r-"
        b"=*6T)?WwY4Q@D|9>RTDEC%5Y&26Zf<g~503b=5W)5d6J%&j^AS&r>n7E}~I1Dj^@TgNmpD;S2P-"
        b"y2}nBefzXrrl+$rXl$9)YxdFzr)w7r5P6X|$osxIn?cSO_|sbAJkMLM#WRv`W3?AFY2H|9`43mR>Cis{+&I?R3`rfh;jFarFe|c;Kyt*}B!d&hka`QU8"
        b"Dc*#"
    ),
    "every style": (
        b"|4;u>04V?f0000e0000O00000000000000e0000O0000000000009R90sm3}3;+NC0RRC61U~`)TmT0^KuAbX|6~9q00BdCWnpw>WFTUBAWv{*Zc0!^M"
        b"<8}(a&u{KZXhx)H7+p!kN^q*00002cK`wZlh3y?COT#_XeHQ3(1*bhP*N?XOoTpXaMMG<YIK;VW9H(@>6~(3z_USSe(KG|V#rEY?q41uD~#TU`3_Wr2P"
        b";o^Ipz9nHm9aTWrM-7%e_yqB-FJ*_BCjOPJ#$_1*m|kmk1Jlx+RVu{s3(nw((CDS)xe(_6#RL(k?33upUw#Dq9~#^r;XhxC@RWs<wTZD#y&liPXqE{|{"
        b"O0)xl{b4%XNBz&skKS=S{NAT_pdYQz)_Z)VvB0w|siv9KlQ0z0CpZsb21hL+=XREoC1`8Ytqf+50DFkn6&c40(OFkn7R?S>y<TY!Ld!(HV})pkH1J|{5"
        b"gm+hhQ-0ETgQHi_P+-(B-$J92)Z}yX-s5=tnHG~|jkwxe6t=2I|64yX+Qe|8>6Lx>;9*^M)m=FTAYjV(CP%$NyrVQ{Y7L<*k@rZ<<fA0-<>n?G0-"
        b"jK8#z==MclwhFFp3gjdNy^T3>9!I3wKRE8mMT43y;b_>*%3dll?+}@=O92rGfJMzzrx@-"
        b"FQ7@F`M}3@mNOOZaY42;vp4DA=S?d;K?ZVJmrf_;*mKN$S*^CnuH!xpznAKI<CF47aaH|-"
        b"vIl!`d?g*Fo=fLJ!d<tG9?uM^B4$ZV_qHU?DEC%5Y&26Zf<h3Aj-Hj5F*jnVCe8AI(B{RhNF}Q7+?KmGD35}f3__?Nm`9+*b|}VHDf4wct;G(?)I?Adn"
        b"|Xmsp5I{x2WgW1_c?J2K!G*4tc1ob^V3R#D8Y(5Jh;iWhmJ*I6Iiw9r4ImexNunGH2DHyHo$}F(b9@IGxe)^o#cz=qPG9p"
    ),
    "SOP and EPH": (
        b"|4;u>04V?f0000e0000O00000000000000e0000O0000000000009R90sm3}3<d%K0RRF71ONg5TmT9{KuAbXNJvosWB?@q0Yh?SVRU6=AYyqSPjF>!N"
        b">D{dAa-SPb7^mGATlmBE-?R)015yA0006r00IA#|B(O$007Ul%>R-RP&$z-@VlGaoQcHzXZ4Am&O;9rl|KMnL1UTj)Wwe6#Xexd%YCI*Ym=20-"
        b"#PjYFKz#k00aO5!1)fqd@R5|8UX*2K;U9-tmPJa8zV$~$%Y<h$@t>B#<ux`TZc#Hze>o0`ZxJ`DUj>6XYUUQ!B55>%%{h1>U#`BAy&y<y~0-"
        b"!z8vjEtsyx%EfPrkedoJ5D`H6Gfp7nj00aO6!1*rl9}eLG@@P>1l6Avga@9;^W46{(GY~7vRuUS{%~XW(o*Hf4R@=FGfze9>8F)D}Nlf_<Q32wdvmbXh"
        b"4gENZFzvuN2lMY9B^yUK-i~7S3^R_X7?R>?uN$Q?QVoB65a%7=b$-"
        b"6Os{3n#?^xp7tevDF6&cgn=Z}dwS<byb5&N|?c~6!qJzBk0`sdjZKd+SxUQOp9KteN0fKjdK<#iMDBTbK~14wl(uX+KF(6%)@t4~U(r&cWJ-vvbZt^LB"
        b"~@S*W%37CD3dWI9#N*DQyW35l%YLuL?4`?vk^jp#1r-=*6T)?WwY4Q@DB+e-JRyk}mQ!j!-5Gez*@r-"
        b"@mf7Cu)1xTqY_YMe(WUliui?MM`X={~Mt%GvpUeXEWa1s_WT<l9(#4HEEdzC6f+jt!|R50J$GlV)7<>`0&cCz~=&hj7Qk%FW54w_Wt*a!OtyaLnZ^Zn>"
        b"&HK0OZ<LU{_@xfaQvvsR^o#cz=qyO0"
    ),
    "tile-parts": (
        b"|4;u>04V?f0000e0000O00000000000000e0000O0000000000009R90sm3}3;+NC0ssO81ONg5TmT9{KuAbXNJvosWB?@q0Yh?SVRU6=AYyqSPjF>!N"
        b">D{dAa-SPb7^mGATlmBE-?R)015yA0000d00#e)&xo)QP&$z-"
        b"@VlGaoQcHzXZ4Am&O;9rmH&_c3IG5A000jG2LF?Q|BwI*0000001pBN|C50KkN^q*00000E&~Stll+H3KLA`oW0~&M#g5#?K48MjeWg}wla&_VIr<JSZ"
        b"U2w}3IG5A002b<2LF@5_)~!C@CwjC;9_p9<raGzBSd`3h8}0h_~J^)g8Dc4c`1<VwP)`S2@FFaR>@tx!dDT#9PR&*015yA0002!1qT0<!1y%i4s@6f+<"
        b"<k%UUJn;WMj70QZo=M%2pB@&dpSW@tzuO-"
        b"B#PVd4bVO0vUKYGf7PO4^aW)oU<QyHVyqaiZJcKI0y6Z9wi$`H{On7_6#$Qs2Gys5&N|?c~6!qJzBk0`sdjZKd+SxUQOp9KteN0fKjdK<#iMDBTbK~14"
        b"wl(uX+KF(6%)@t4~U(r&cWJ-vvbZt^LB~@S*W%2_()a_f|P<G*d5vLJ%nfv+<05-hb3STm?v}EB6ivie#?yF^jQrOlfPCR;`0_<X+MV<!}-fGF<=J"
    ),
    "TLM": (
        b"|4;u>04V?f0000e0000O00000000000000O0000O0000000000009R90sm3}3;+NC0RRC61ONg5TmT0^KuAbX|5X4E08jt`00D6U0002}|6~9q00BdCW"
        b"npw>WFTUBAWv{*Zc0!^M<8}(a&u{KZXhx)H7+p!kN^q*00001aR34Tlh3u#5l~VsqIFo#rU-gb!0A3J5?{c-"
        b"DQP7r@)c6n*7o*#d&sbbnOtV2ZMw5oyQsNltt$uF+U6xj)crMWrvDg~hrUJ!4t2p;EEcxj9Hg+8fHxJ~t*6#dWj&T2gx$!Ps(lrcUwJ%H54bYT!joUsg"
        b"Y}Moz<fG12g9R4e3eiiJ|{5g9)*5U;E{xbc`H;?5T*=VO|Yo2w;z?=-"
        b"HQOJEJL=vSxN43&kt4{UB+c)^ON04mYZ?fwaP?MM;Z0vC|N<6rxE+LG<i>u_E;{=0AbQdjAblgr{*ClFcm;XD6lcEDh_ZO4wQbx0z<B=585rAzI04p;K"
        b"x@+;GzYGr*6CjFbYW8V#FsT&golxRfJY&osACkho6CRSdQ^+DE8+6T?Y!Cq%}pT4~H&2G6O>7ucE=+n(Q7`q*s!Z&}GKKL+3?8Q*hp9F6KcT=Mu1Jl=?"
        b"+oO_4!sv|P@A|BwI*009610Q~>~|C7(PAc6UJvQQ*#&atxwq}?b6v(w!L-"
        b"|lkLW^>zoFdez3viQ<PHI&r+Bdif)g&W9fE_4>mU$Cjz+nmc|R#S*?bIx8>)y`{07r^-"
        b"%z<f3EA0uEmAMi;%FS7C15^KFW&!tWCV}JUpHZ>3`@=KW+{xMR;@^A~s^KVi>*YR+@>Kt;x%Z~=<3?T(5Ftq3Mj*#FD)>A>>o2nWCc_f5jkEM$tvYy^A"
        b"rPqBnzGiglEM@{FLc~83lR(e$y_X3Vn9R>3*BPs~D~n!1;NaI4Yuez2UF}Qa3Fn)VEphF!CAwxJCV&eseNJlx*#Fr"
    ),
    "region of interest": (
        b"|4;u>04V?f0000e0000O00000000000000e0000O0000000000009R90sm3}3;+NC0RRC61ONg5TmT0^KuAbX|6TwE000C3WB?@q0Yh?SVRU6=AYyqSP"
        b"jF>!N>D{dAa-SPb7^mGATlmBE-"
        b"?R)015yA0006&00IA#&$hS`P*N?XOoTpXaMW*_upvUrr~cw{U%<I!_hi@ramAXRV0#;1AyqAI=C8Hmdt{<JN=*>qwVn5MMZD3c-"
        b"?vt3*MgW0PUJHnFf7ywKHU<>5B~rgM(_Ud1Eg~UPYXLB&7+fc4aHM3^f}rPL+K@v8)?x)OSp!oP^y&HfHxFmTa~23m7z_QW@+&@$1n^-"
        b"plV6Vt;Clv5IW5siyr9X$LtnNm|fqE(};n5-ZGg8kAVLV?G#_Y`7ZDu4&edvXi#;-UUJn;WMj70QZo=M%2pB@&dpSW@tzuO-"
        b"B#PVd4bVO0vUKYGf7PO4^aW)oU<QyHVyqaiZJcKI0y6Z9wi$`H{On7_6#$Qs2GysX|EflF;WeGd=Tdy-*tYzx~ltYg6~-"
        b"3+pL|WAQc(Y+2@amIa$uVKN0)2G<i>!Dm_}gRr=@I5kIe$3|>v=AV5MhN`O(V>E(43^CL}<sRKxLEw6e3j?lI>JF8DhsHave=-"
        b"&lI`K|rJ<?x~LX9<{nj(Ua@)k+uni({=%;A)hdun%Z3+w@z}-lvHR$y~sy$7%8so+QpF_f|P<G*d5vLJ%nfv+<05-"
        b"hb3STm?v}EB6ivie#?yF^jQrOlfPCR;`0_<X+MV<!}-"
        b"fGF<FSS;Q;{z<ZS{L)&;AHdHX*+cShZ73Jx7`gXGWCC>66<B@`+_YRs=<k$!M2D}2(<@5dMXEmTgVB_iu%<;in3$t~rd7b2o=A-}F"
    ),
}
J2K_FRAMES = {name: base64.b85decode(text) for name, text in _ENCODED.items()}
