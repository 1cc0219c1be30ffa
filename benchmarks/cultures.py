"""Names as they are given in the places that residents come from. Made up here; nobody's list."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Culture:
    """How people of one place are called. `given` and `family` are as a registry would hold them."""

    key: str
    share: int  # of a hundred households
    given: tuple[str, ...]
    family: tuple[str, ...]
    second_given: float = 0.0  # how many have a second given name
    two_families: float = 0.0  # how many have two family names


def _culture(key: str, share: int, given: str, family: str, *, second: float = 0.0, two: float = 0.0) -> Culture:
    return Culture(key, share, _list(given), _list(family), second, two)


def _list(text: str) -> tuple[str, ...]:
    """Names stand between blanks; a + inside a name is its blank."""
    return tuple(name.replace("+", " ") for name in text.split())


ENGLISH = _culture(
    "English",
    40,
    """Robert James William Michael David Richard Joseph Thomas Christopher Daniel Matthew Anthony Andrew Joshua
    Kenneth Kevin Brian Timothy Ronald Edward Jeffrey Ryan Jacob Gary Nicholas Eric Jonathan Stephen Larry
    Justin Scott Brandon Benjamin Samuel Gregory Alexander Patrick Frank Raymond Jack Dennis Jerry Tyler Aaron
    Henry Nathan Zachary Douglas Mary Patricia Jennifer Linda Elizabeth Barbara Susan Jessica Sarah Karen Lisa
    Nancy Betty Sandra Margaret Ashley Kimberly Emily Donna Michelle Carol Amanda Melissa Deborah Stephanie
    Rebecca Sharon Laura Cynthia Dorothy Amy Kathleen Angela Shirley Brenda Emma Anna Pamela Nicole Samantha
    Katherine Christine Helen Debra Rachel Carolyn Janet Maria Olivia Heather Julie Joyce Victoria Kelly
    Christina Joan Evelyn Lauren Judith Megan Andrea Cheryl Hannah Jacqueline Martha Gloria Teresa Ann Sara
    Madison Frances Kathryn Janice Jean Abigail Alice Julia Judy Sophia Grace Denise Amber Doris Marilyn
    Danielle Beverly Isabella Theresa Diana Natalie Brittany Charlotte Marie Kayla Alexis Lori Mia Ava Jayden
    Hayden Brayden Kayden Aiden Jaden Liam Noah Mason Logan Lucas Ethan Owen Luke Caleb Isaac Eli Zoe Lily Chloe
    Ella Layla Harper Aria Scarlett Nora Hazel Riley Ellie Aubrey Stella Leah Lucy Paisley Everly Skylar Violet
    Claire Bella Aurora Savannah Audrey Brooklyn Sadie Skyler Taylor Jordan Peyton Reagan Kennedy Mackenzie
    Finley Rowan Quinn Sawyer Emerson Marcus Darnell Latoya Keisha Tamika Deandre Terrell Jamal Malik Tyrone
    Ebony Jasmine Imani Aaliyah Tiana Kiara Marquis Darius""",
    """Smith Johnson Williams Brown Jones Miller Davis Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Thompson
    White Harris Clark Lewis Robinson Walker Young Allen King Wright Scott Hill Green Adams Nelson Baker Hall
    Campbell Mitchell Carter Roberts Phillips Evans Turner Parker Collins Edwards Stewart Morris Murphy Cook
    Rogers Morgan Cooper Peterson Bailey Reed Kelly Howard Cox Ward Richardson Watson Brooks Wood Bennett Gray
    Hughes Price Myers Long Foster Sanders Ross Smith-Jones Taylor-Reed Clarke-Hall Washington Jefferson Coleman
    Jenkins Perry Powell Patterson Hayes Butler Simmons""",
    second=0.7,
)
IRISH = _culture(
    "Apostrophes",
    5,
    """Sean Patrick Kevin Brendan Declan Connor Aidan Liam Brian Colm Niamh Aoife Siobhan Maeve Ciara Orla Sinead
    Deirdre Bridget Colleen Kathleen Maureen Erin Shannon D'Andre De'Shawn D'Angelo Ja'Marcus Michael John Mary
    Ann""",
    """O'Brien O'Neill O'Connor O'Sullivan O'Reilly O’Malley D'Angelo D’Amico McCarthy McDonald MacLeod Mc+Mahon
    St.+John Fitzgerald N'Diaye O'Leary O'Hara L'Heureux D'Souza""",
    second=0.5,
)
SPANISH = _culture(
    "Spanish",
    16,
    """José Juan Luis Carlos Francisco Antonio Miguel Jesús Alejandro Jorge Manuel Pedro Ángel Fernando Ricardo Rafael
    Raúl Eduardo Javier Sergio Mario Andrés Roberto Enrique Ramón Óscar Rubén Daniel Diego Adrián Iván Hugo
    Martín Santiago Sebastián Mateo Emiliano Joaquín Ignacio Salvador Guillermo María Guadalupe Juana Margarita
    Josefina Verónica Leticia Rosa Francisca Teresa Alicia Alejandra Gabriela Patricia Ana Martha Marta Daniela
    Fernanda Mariana Marina Sofía Valentina Camila Ximena Isabel Lucía Elena Carmen Dolores Pilar Beatriz
    Adriana Yolanda Silvia Norma Laura Julia Julio Angélica Angelina Carolina Catalina Paola Paula Pablo Elisa
    Elías Noé Noemí Emilia Emilio Victoria Víctor Itzel Xóchitl Esperanza""",
    """García Hernández Martínez López González Pérez Rodríguez Sánchez Ramírez Cruz Flores Gómez Morales Vázquez Reyes
    Jiménez Torres Díaz Gutiérrez Mendoza Aguilar Ruiz Ortiz Moreno Castillo Romero Álvarez Méndez Chávez Rivera
    Juárez Ramos Domínguez Herrera Medina Castro Vargas Guzmán Velázquez Muñoz Peña Núñez Ibáñez Acuña Ureña
    de+la+Cruz de+León del+Río de+los+Santos Ochoa Salazar Cervantes Zúñiga Lara""",
    second=0.45,
    two=0.7,
)
PORTUGUESE = _culture(
    "Portuguese",
    2,
    """João José Antônio Francisco Carlos Paulo Pedro Lucas Luiz Marcos Gabriel Rafael Mateus Tiago André Bruno Maria
    Ana Francisca Antônia Adriana Juliana Márcia Fernanda Patrícia Aline Sandra Camila Amanda Bruna Letícia
    Júlia Luísa Inês Conceição Lourdes""",
    """Silva Santos Oliveira Souza Rodrigues Ferreira Alves Pereira Lima Gomes Costa Ribeiro Martins Carvalho Almeida
    Araújo da+Silva dos+Santos Gonçalves Conceição""",
    second=0.4,
    two=0.5,
)
VIETNAMESE = _culture(
    "Vietnamese",
    5,
    """Anh Bình Châu Dũng Đức Giang Hà Hải Hạnh Hiền Hiếu Hoa Hòa Hoàng Hồng Hùng Hương Khánh Lan Liên Linh Loan Long
    Mai Minh Nam Nga Ngọc Nhung Phong Phúc Phương Quang Quân Quỳnh Sơn Tâm Tân Thanh Thảo Thoa Thịnh Thu Thủy
    Tiến Toàn Trang Trung Tú Tuấn Tuyết Uyên Việt Vinh Vy Xuân Yến Duy Đạt Huy Khoa Kiệt Lâm Lộc Nghĩa Nhân Phát
    Thắng Thành Tín Trí Thị+Lan Thị+Hoa Thị+Loan Văn+Hùng Văn+Dũng Minh+Anh Ngọc+Anh Bảo+Ngọc Bảo+Châu""",
    "Nguyễn Trần Lê Phạm Huỳnh Hoàng Phan Vũ Võ Đặng Bùi Đỗ Hồ Ngô Dương Lý Đinh Mai Trương Lâm",
    second=0.5,
)
PINYIN = _culture(
    "Chinese, pinyin",
    4,
    """Xiaoming Xiaoling Xiaohong Xiaodong Xiaoping Jianguo Jianhua Jianping Weidong Weiming Weihua Meiling Meihua
    Meili Yulan Yuhua Yumei Zhiqiang Zhigang Zhihua Guoqiang Guoping Guohua Haiyan Haiyang Haitao Lihua Liping
    Lijuan Xiuying Xiulan Yan Jun Wei Li Min Jing Lei Tao Ming Chao Yong Jie Juan Ping Gang Qiang Hui Hong Xin
    Yu Zihan Sihan Zixuan Yuxuan Yichen Yiran Haoran Haoyu Jiayi Jiaxin Xinyi Xinyu""",
    """Wang Li Zhang Liu Chen Yang Huang Zhao Wu Zhou Xu Sun Ma Zhu Hu Guo He Lin Gao Luo Zheng Liang Xie Song Tang
    Feng Deng Cao Peng Zeng Xiao Tian Dong Pan Yuan Cai Jiang Yu Du Ye Cheng Wei Su Lu Ding Ren Shen Yao Ouyang""",
)
HAN = _culture(
    "Chinese, Han",
    2,
    """小明 小红 小华 建国 建华 伟 芳 娜 敏 静 丽 强 磊 军 洋 勇 艳 杰 娟 涛 明 超 秀英 秀兰
    霞 平 刚 桂英 玉兰 玉梅 志强 志刚 国强 海燕
    海洋 丽华 子涵 思涵 子轩 宇轩 雨轩 浩然 浩宇 佳怡
    嘉怡 欣怡 欣雨 梓涵""",
    "王 李 张 刘 陈 杨 黄 赵 吴 周 徐 孙 马 朱 胡 郭 何 林 高 罗 郑 梁 谢 宋 唐 许 邓 冯 韩 曹 欧阳",
)
KOREAN = _culture(
    "Korean",
    3,
    """Min-jun Min-seo Min-ji Min-jung Seo-jun Seo-yun Seo-yeon Ji-hoon Ji-hyun Ji-woo Ji-won Ji-min Ji-young Hyun-woo
    Hyun-jin Hyun-jung Do-yun Ye-jun Ye-jin Ye-eun Joo-won Soo-jin Soo-min Soo-bin Eun-ji Eun-jung Eun-young
    Sung-min Sung-ho Sung-jin Young-ho Young-soo Young-mi Kyung-hee Kyung-soo Jae-hyun Jae-won Jae-min Tae-hyun
    Tae-young Dong-hyun Dong-wook Hye-jin Hye-won Yu-jin Yu-na Ha-eun Ha-yun""",
    """Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Oh Seo Shin Kwon Hwang Ahn Song Ryu Hong Jeon Ko Moon Yang Son
    Bae Baek Heo Nam Noh""",
)
ARABIC = _culture(
    "Arabic",
    5,
    """Mohammed Ahmed Mahmoud Hassan Hussein Ali Omar Khalid Ibrahim Ismail Yusuf Abdullah Abdulrahman Mustafa Tariq
    Karim Salim Salem Rashid Jamal Jamil Samir Nabil Bilal Hamza Anas Ayman Amir Amin Faisal Waleed Ziad Fatima
    Aisha Khadija Zainab Mariam Layla Noor Amina Amira Salma Huda Hiba Rania Dina Lina Sara Samira Nadia Yasmin
    Hana Hanan Iman Asma Esraa Zahra Ruqayya Sumayya Halima Dalia""",
    """Al-Haddad Haddad El-Sayed Hassan Hussein Ali Ibrahim Mahmoud Saleh Abdullah Khalil Nasser Mansour Al-Masri Qasim
    Farah Aden Abdi Warsame Rahman Khan Aziz Siddiqui Abu+Bakr bin+Laith Darwish Najjar""",
    second=0.35,
)
FILIPINO = _culture(
    "Filipino",
    4,
    """Jose Juan Antonio Jerome Jericho Mark John+Paul John+Carlo Mark+Anthony Angelo Christian Rodel Rommel Ronaldo
    Reynaldo Maria Ma.+Cristina Ma.+Theresa Maria+Luisa Rosario Marites Maricel Maribel Marilou Jocelyn Rowena
    Rosalinda Rosalina Analyn Annalyn Jennylyn Rizza Liezel Grace Princess Angelica Angeline Jasmine Nicole
    Kristine Cherry Divina Imelda""",
    """Santos Reyes Cruz Bautista Ocampo Garcia Mendoza Torres dela+Cruz de+Guzman Villanueva Ramos Aquino Castillo
    Rivera Mercado Salvador Dimaculangan Macaraeg Pangilinan Magsaysay Manalo Tolentino Valdez""",
    second=0.5,
)
RUSSIAN = _culture(
    "Russian, Ukrainian",
    4,
    """Sergey Aleksandr Dmitry Andrey Alexey Yuri Mikhail Nikolay Vladimir Evgeny Viktor Igor Oleg Pavel Maxim Artem
    Denis Roman Ilya Kirill Anton Vasily Vitaly Ruslan Timur Anastasia Ekaterina Elena Olga Natalia Tatiana
    Irina Svetlana Yulia Anna Maria Marina Galina Lyudmila Ksenia Darya Polina Alina Arina Veronika Viktoria
    Oksana Larisa Nadezhda Valentina Evgenia Alexandra""",
    """Ivanov Petrov Sidorov Smirnov Kuznetsov Popov Sokolov Lebedev Kozlov Novikov Morozov Volkov Solovyov Vasiliev
    Zaitsev Pavlov Semenov Golubev Vinogradov Shevchenko Kovalenko Bondarenko Tkachenko Kravchenko Melnyk Boyko""",
)
CYRILLIC = _culture(
    "Cyrillic",
    1,
    """Сергей Александр Дмитрий Андрей Юрий Михаил Николай Владимир Игорь Олег Павел Анастасия Екатерина Елена Ольга
    Наталья Татьяна Ирина Светлана Юлия Анна Мария Марина Галина""",
    "Иванов Петров Смирнов Кузнецов Попов Соколов Лебедев Козлов Новиков Морозов Волков Павлов Королёв",
)
GERMANIC = _culture(
    "Umlauts",
    3,
    """Jürgen Günter Björn Jörg Sören Käthe Märta Åsa Øyvind Lars Ingrid Astrid Kirsten Kristen Karin Klaus Heinz Uwe
    Anke Silke Heike Ulrike Monika Jens Sven Ola Ole Liv Siv""",
    """Müller Schröder Groß Weiß Jäger Köhler Krüger Schäfer Sørensen Jørgensen Østergaard Ågård Lindström Björklund
    Ødegård Strauß Preuß Böhm Grünwald""",
    second=0.3,
)
INDIAN = _culture(
    "Indian",
    5,
    """Ramesh Rajesh Rakesh Suresh Dinesh Mahesh Naresh Mukesh Ritesh Nitesh Amit Anil Sunil Sanjay Vijay Ajay Vikram
    Rahul Rohit Mohit Arjun Karan Kiran Sunita Sumita Anita Amita Ankita Kavita Savita Lalita Geeta Seeta Meena
    Reena Leena Neha Nisha Usha Asha Priya Riya Diya Divya Pooja Puja Aarti Arti Lakshmi Gurpreet Harpreet
    Manpreet Jaspreet Simran Kiranjit""",
    """Patel Sharma Singh Kumar Gupta Shah Mehta Reddy Rao Nair Menon Iyer Iyengar Desai Joshi Kaur Gill Dhillon Sandhu
    Das Chatterjee Banerjee Mukherjee Natarajan Subramanian Krishnan""",
    second=0.15,
)
GREEK = _culture(
    "Greek",
    1,
    "Γιώργος Νίκος Δημήτρης Κώστας Παναγιώτης Μαρία Ελένη Κατερίνα Σοφία Άννα",
    "Παπαδόπουλος Γεωργίου Νικολάου Δημητρίου Ιωάννου Αντωνίου",
)
CULTURES = (
    ENGLISH,
    IRISH,
    SPANISH,
    PORTUGUESE,
    VIETNAMESE,
    PINYIN,
    HAN,
    KOREAN,
    ARABIC,
    FILIPINO,
    RUSSIAN,
    CYRILLIC,
    GERMANIC,
    INDIAN,
    GREEK,
)
